// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice Neuron 1 is alice's. Reward a tenth, at most a tenth of everybody's stake in an epoch, unless said otherwise.
contract StakeManagerSlashTest is MoneySystem {
    uint256 private constant CAP_BPS = 1000;
    uint256 private constant REWARD_BPS = 1000;
    address private reporter = address(0x4E9);

    function setUp() public {
        _deploy();
        _register(alice, 0);
        _toEpoch(1, 0);
    }

    function test_slash_byAnother_revertsNotSlashing() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotSlashing.selector, alice, address(slashing)));
        stakes.slash(1, alice, 1, CAP_BPS, reporter, REWARD_BPS);
    }

    function test_slash_ownStakeSuffices_takesNothingFromOthers() public {
        _stake(alice, 1, 30e18);
        _stake(bob, 1, 70e18);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(stakes));
        emit IStakeManager.PoolChanged(1, 1, 80e18);
        vm.expectEmit(address(stakes));
        emit IStakeManager.StakeSlashed(1, alice, 20e18, 0, reporter, 2e18);
        _expectLoss(20e18, 20e18, 0, 2e18);
        vm.assertEq(stakes.assetsOf(1, alice), 10e18);
        vm.assertEq(stakes.assetsOf(1, bob), 70e18);
        vm.assertEq(token.balanceOf(reporter), 2e18);
        vm.assertEq(token.totalSupply(), supply - 18e18);
        vm.assertEq(token.balanceOf(address(stakes)), 80e18);
    }

    function test_slash_moreThanTheOwnersStake_takesTheRestFromEverybodyUpToTheCap() public {
        _stake(alice, 1, 30e18);
        _stake(bob, 1, 70e18);
        _expectLoss(35e18, 30e18, 5e18, 3e18);
        vm.assertEq(stakes.shares(1, alice), 0);
        vm.assertApproxEqAbs(stakes.assetsOf(1, bob), 65e18, 1);
        // A tenth of what alice's loss left, 70 WEFT, is 7: two are left.
        _expectLoss(35e18, 0, 2e18, 0);
        _expectLoss(35e18, 0, 0, 0);
        _toEpoch(2, 0);
        _expectLoss(35e18, 0, 6.3e18, 0);
    }

    function test_slash_afterOthersWithdrew_chargesWhoStaysForNoMoreThanItsOwnPart() public {
        _stake(bob, 1, 100e18);
        _unstake(bob, 1, 90e24);
        _toEpoch(4, 0);
        _expectLoss(1e18, 0, 1e18, 0);
        vm.prank(bob);
        stakes.withdraw(1); // 90 less nine tenths of one
        // A tenth of what is left with the one that was taken, 9.9 + 1: nine hundredths of a WEFT.
        _expectLoss(5e18, 0, 0.09e18, 0);
    }

    function test_slash_ownersLossBefore_raisesNoCapForWhoStakesLater() public {
        _stake(alice, 1, 1000e18);
        _expectLoss(2000e18, 1000e18, 0, 100e18);
        _stake(bob, 1, 10e18);
        _expectLoss(2000e18, 0, 1e18, 0);
    }

    function test_slash_ownersUnbondingStake_isTakenBeforeOthers() public {
        _stake(alice, 1, 30e18);
        _stake(bob, 1, 70e18);
        _unstake(alice, 1, 10e24);
        _toEpoch(2, 0);
        _unstake(alice, 1, 15e24);
        _unstake(bob, 1, 20e24);
        _expectLoss(22e18, 22e18, 0, 2.2e18); // 5 staked, then 15 and 2 of what waits, the newest first
        vm.assertEq(stakes.unbonding(1, alice)[0].assets, 8e18);
        vm.assertEq(stakes.unbonding(1, alice)[1].assets, 0);
        vm.assertEq(stakes.unbonding(1, bob)[0].assets, 20e18);
        vm.assertEq(stakes.unbondingAssets(1), 28e18);
        _toEpoch(5, 0);
        vm.prank(alice);
        vm.assertEq(stakes.withdraw(1), 8e18);
    }

    function test_slash_everybody_reachesStakedAndUnbondingAlike() public {
        _stake(bob, 1, 100e18);
        _unstake(bob, 1, 40e24);
        _expectLoss(10e18, 0, 10e18, 0);
        vm.assertEq(stakes.poolAssets(1), 54e18);
        vm.assertEq(stakes.unbondingAssets(1), 36e18);
        vm.assertEq(stakes.unbonding(1, bob)[0].assets, 36e18);
        _toEpoch(4, 0);
        vm.prank(bob);
        vm.assertEq(stakes.withdraw(1), 36e18);
    }

    function test_slash_unstakedAfter_buysSharesAtTheLowerPrice() public {
        _stake(bob, 1, 100e18);
        _unstake(bob, 1, 40e24);
        _expectLoss(10e18, 0, 10e18, 0);
        _stake(alice, 1, 10e18);
        uint256 shares = stakes.shares(1, alice);
        uint256 assets = _unstake(alice, 1, shares);
        vm.assertApproxEqAbs(assets, 10e18, 2);
        vm.assertApproxEqAbs(stakes.unbonding(1, alice)[0].assets, assets, 1);
        vm.assertApproxEqAbs(stakes.unbonding(1, bob)[0].assets, 36e18, 1);
    }

    function test_slash_nothingStaked_takesNothing() public {
        _expectLoss(1e18, 0, 0, 0);
    }

    function test_slash_everythingWithoutACap_opensANewGeneration() public {
        _stake(bob, 1, 50e18);
        vm.prank(address(slashing));
        (uint256 fromOwner, uint256 fromPool, ) = stakes.slash(1, alice, 50e18, 10_000, reporter, REWARD_BPS);
        vm.assertEq(fromOwner, 0);
        vm.assertEq(fromPool, 50e18);
        vm.assertEq(stakes.generationOf(1), 1);
        vm.assertEq(stakes.shares(1, bob), 0);
        vm.assertEq(stakes.totalShares(1), 0);
        vm.assertEq(_stake(alice, 1, 1e18), 1e24);
        vm.assertEq(stakes.assetsOf(1, alice), 1e18);
        vm.assertEq(stakes.assetsOf(1, bob), 0);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.InsufficientShares.selector, 1, 0));
        stakes.unstake(1, 1, 0, FOREVER);
    }

    function test_slash_ownerHoldsAll_losesAllAndTheGenerationStays() public {
        _stake(alice, 1, 50e18);
        _expectLoss(60e18, 50e18, 0, 5e18);
        vm.assertEq(stakes.generationOf(1), 0);
        vm.assertEq(stakes.poolAssets(1), 0);
        vm.assertEq(_stake(bob, 1, 1e18), 1e24);
    }

    function test_slash_stakeOfTheRunningEpoch_staysWhatItWas() public {
        _stake(bob, 1, 100e18);
        _toEpoch(2, 0);
        _expectLoss(10e18, 0, 10e18, 0);
        vm.assertEq(stakes.stakeAt(1, 2), 100e18);
        _toEpoch(3, 0);
        vm.assertEq(stakes.stakeAt(1, 3), 90e18);
    }

    /// @notice I29: in one epoch everybody's stake loses at most its cap, and a reporter gets at most its part of what the
    /// owner lost.
    function testFuzz_slash_twiceInAnEpoch_keepsEveryBound(
        uint256 own,
        uint256 others,
        uint256 waiting,
        uint256[2] memory amounts,
        uint256 capBps
    ) public {
        own = _bound(own, 1, 40_000e18);
        others = _bound(others, 1e6, 50_000e18);
        capBps = _bound(capBps, 0, 10_000);
        _stake(alice, 1, own);
        _stake(bob, 1, others);
        waiting = _bound(waiting, 1e6, stakes.shares(1, bob));
        _unstake(bob, 1, waiting);
        uint256 all = stakes.poolAssets(1) + stakes.unbondingAssets(1);
        uint256 supply = token.totalSupply();
        uint256 lost;
        uint256 fromPools;
        for (uint256 k = 0; k < 2; k++) {
            uint256 paid = token.balanceOf(reporter);
            vm.prank(address(slashing));
            (uint256 fromOwner, uint256 fromPool, uint256 reward) = stakes.slash(
                1,
                alice,
                _bound(amounts[k], 0, 2 * all),
                capBps,
                reporter,
                REWARD_BPS
            );
            vm.assertLe(reward, fromOwner / 10, "reward");
            vm.assertEq(token.balanceOf(reporter) - paid, reward, "reward paid");
            (lost, fromPools) = (lost + fromOwner + fromPool, fromPools + fromPool);
        }
        vm.assertLe(fromPools, ((all - (lost - fromPools)) * capBps) / 10_000, "cap");
        vm.assertEq(supply - token.totalSupply() + token.balanceOf(reporter), lost, "burned and paid");
        vm.assertEq(token.balanceOf(address(stakes)), all - lost, "what is left");
        vm.assertEq(stakes.poolAssets(1) + stakes.unbondingAssets(1), all - lost, "booked");
        vm.assertLe(stakes.assetsOf(1, alice) + stakes.assetsOf(1, bob), stakes.poolAssets(1), "payable");
    }

    function _expectLoss(uint256 amount, uint256 own, uint256 pool, uint256 reward) private {
        vm.prank(address(slashing));
        (uint256 fromOwner, uint256 fromPool, uint256 paid) = stakes.slash(
            1,
            alice,
            amount,
            CAP_BPS,
            reporter,
            REWARD_BPS
        );
        vm.assertEq(fromOwner, own, "from the owner");
        vm.assertEq(fromPool, pool, "from everybody");
        vm.assertEq(paid, reward, "reward");
    }
}
