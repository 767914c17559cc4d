// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Linked} from "../../contracts/Linked.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {RoundClock} from "../../contracts/libraries/RoundClock.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

contract StakeManagerTest is MoneySystem {
    uint256 private neuron;

    function setUp() public {
        _deploy();
        (neuron, ) = _register(alice, 0);
    }

    // constructor and link

    function test_constructor_parametersOnTheirBounds_areTaken() public {
        vm.assertEq(new StakeManager(metagraph, 2, 0, address(manager)).unbondingEpochs(), 2);
        vm.assertEq(new StakeManager(metagraph, 10_000, 1800, address(manager)).maxTakeBps(), 1800);
        vm.assertEq(RoundClock.unwrap(stakes.clock()), RoundClock.unwrap(clock));
    }

    function test_constructor_unbondingOneOut_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("unbondingEpochs", 1, 2, 10_000);
        new StakeManager(metagraph, 1, 0, address(manager));
        _expectOutOfBounds("unbondingEpochs", 10_001, 2, 10_000);
        new StakeManager(metagraph, 10_001, 0, address(manager));
    }

    function test_constructor_takeOneTooHigh_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("maxTakeBps", 1801, 0, 1800);
        new StakeManager(metagraph, 2, 1801, address(manager));
    }

    function test_link_again_revertsAlreadyLinked() public {
        vm.expectRevert(Linked.AlreadyLinked.selector);
        stakes.link(address(emission), address(slashing));
    }

    function test_link_byAnother_revertsNotDeployer() public {
        StakeManager fresh = new StakeManager(metagraph, 2, 0, address(manager));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        fresh.link(address(emission), address(slashing));
    }

    function test_link_addressWithoutCode_revertsNotAContract() public {
        StakeManager fresh = new StakeManager(metagraph, 2, 0, address(manager));
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        fresh.link(alice, address(slashing));
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, bob));
        fresh.link(address(emission), bob);
        vm.expectEmit(address(fresh));
        emit IStakeManager.StakeManagerLinked(address(emission), address(slashing));
        fresh.link(address(emission), address(slashing));
    }

    // stake

    function test_stake_byADelegator_movesTokensAndEmits() public {
        vm.expectEmit(address(stakes));
        emit IStakeManager.PoolChanged(neuron, 0, 5e18);
        vm.expectEmit(address(stakes));
        emit IStakeManager.Staked(neuron, bob, 5e18, 5e24);
        vm.assertEq(_stake(bob, neuron, 5e18), 5e24);
        vm.assertEq(stakes.shares(neuron, bob), 5e24);
        vm.assertEq(stakes.totalShares(neuron), 5e24);
        vm.assertEq(stakes.poolAssets(neuron), 5e18);
        vm.assertEq(stakes.assetsOf(neuron, bob), 5e18);
        vm.assertEq(token.balanceOf(address(stakes)), 5e18);
    }

    function test_stake_atDeadline_passes() public {
        vm.prank(bob);
        vm.assertEq(stakes.stake(neuron, 1, 1e6, block.timestamp), 1e6);
    }

    function test_stake_afterDeadline_revertsDeadlinePassed() public {
        vm.prank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.DeadlinePassed.selector, block.timestamp - 1, block.timestamp));
        stakes.stake(neuron, 1, 0, block.timestamp - 1);
    }

    function test_stake_unknownNeuron_revertsInactiveNeuron() public {
        vm.startPrank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.InactiveNeuron.selector, neuron + 1));
        stakes.stake(neuron + 1, 1, 0, FOREVER);
        _expect(abi.encodeWithSelector(IStakeManager.InactiveNeuron.selector, 0));
        stakes.stake(0, 1, 0, FOREVER);
    }

    function test_stake_nothing_revertsZeroShares() public {
        vm.prank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.ZeroShares.selector, 0));
        stakes.stake(neuron, 0, 0, FOREVER);
    }

    function test_stake_oneShareTooFew_revertsSharesBelowMinimum() public {
        vm.prank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.SharesBelowMinimum.selector, 3e6, 3e6 + 1));
        stakes.stake(neuron, 3, 3e6 + 1, FOREVER);
        vm.prank(bob);
        vm.assertEq(stakes.stake(neuron, 3, 3e6, FOREVER), 3e6);
    }

    function test_stake_withoutAllowance_revertsInsufficientAllowance() public {
        vm.prank(bob);
        token.approve(address(stakes), 4);
        vm.prank(bob);
        _expect(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(stakes), 4, 5));
        stakes.stake(neuron, 5, 0, FOREVER);
    }

    function test_stake_afterAPlainTransferHere_ignoresIt() public {
        _stake(alice, neuron, 1);
        vm.prank(alice);
        token.transfer(address(stakes), 10_000e18);
        vm.assertEq(_stake(bob, neuron, 1e18), 1e24);
        vm.assertEq(stakes.assetsOf(neuron, bob), 1e18);
    }

    // unstake

    function test_unstake_part_queuesItAndEmits() public {
        _stake(bob, neuron, 10e18);
        _toEpoch(4, 10);
        uint256 releaseAt = GENESIS + 7 * EPOCH;
        vm.expectEmit(address(stakes));
        emit IStakeManager.PoolChanged(neuron, 4, 6e18);
        vm.expectEmit(address(stakes));
        emit IStakeManager.Unstaked(neuron, bob, 4e18, 4e24, releaseAt);
        vm.assertEq(_unstake(bob, neuron, 4e24), 4e18);
        IStakeManager.Unbonding[] memory waiting = stakes.unbonding(neuron, bob);
        vm.assertEq(waiting.length, 1);
        vm.assertEq(waiting[0].assets, 4e18);
        vm.assertEq(waiting[0].releaseAt, releaseAt);
        vm.assertEq(stakes.shares(neuron, bob), 6e24);
        vm.assertEq(stakes.poolAssets(neuron), 6e18);
    }

    function test_unstake_beforeGenesis_waitsAsInEpochZero() public {
        _stake(bob, neuron, 1e18);
        _unstake(bob, neuron, 1e24);
        vm.assertEq(stakes.unbonding(neuron, bob)[0].releaseAt, GENESIS + 3 * EPOCH);
    }

    function test_unstake_twiceInAnEpoch_mergesAndAgainLaterDoesNot() public {
        _stake(bob, neuron, 10e18);
        _toEpoch(1, 0);
        _unstake(bob, neuron, 1e24);
        _toEpoch(1, EPOCH - 1);
        _unstake(bob, neuron, 2e24);
        vm.assertEq(stakes.unbonding(neuron, bob).length, 1);
        vm.assertEq(stakes.unbonding(neuron, bob)[0].assets, 3e18);
        _toEpoch(2, 0);
        _unstake(bob, neuron, 1e24);
        vm.assertEq(stakes.unbonding(neuron, bob).length, 2);
    }

    function test_unstake_bothSidesOfTheDeadline() public {
        _stake(bob, neuron, 1e18);
        vm.startPrank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.DeadlinePassed.selector, block.timestamp - 1, block.timestamp));
        stakes.unstake(neuron, 1e24, 0, block.timestamp - 1);
        vm.assertEq(stakes.unstake(neuron, 1e24, 0, block.timestamp), 1e18);
    }

    function test_unstake_oneShareTooMany_revertsInsufficientShares() public {
        _stake(alice, neuron, 1e18);
        _stake(bob, neuron, 1e18);
        vm.startPrank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.InsufficientShares.selector, 1e24 + 1, 1e24));
        stakes.unstake(neuron, 1e24 + 1, 0, FOREVER);
        vm.assertEq(stakes.unstake(neuron, 1e24, 0, FOREVER), 1e18);
    }

    function test_unstake_oneWeiTooFew_revertsAssetsBelowMinimum() public {
        _stake(bob, neuron, 1e18);
        vm.startPrank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.AssetsBelowMinimum.selector, 1e18, 1e18 + 1));
        stakes.unstake(neuron, 1e24, 1e18 + 1, FOREVER);
        vm.assertEq(stakes.unstake(neuron, 1e24, 1e18, FOREVER), 1e18);
    }

    function test_unstake_sharesWorthLessThanAWei_revertsZeroAssets() public {
        _stake(bob, neuron, 1e18);
        vm.startPrank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.ZeroAssets.selector, 999_999));
        stakes.unstake(neuron, 999_999, 0, FOREVER);
        vm.assertEq(stakes.unstake(neuron, 1e6, 0, FOREVER), 1);
    }

    // withdraw

    function test_withdraw_secondBeforeRelease_revertsNothingMatured() public {
        _stake(bob, neuron, 2e18);
        _unstake(bob, neuron, 2e24);
        vm.warp(GENESIS + 3 * EPOCH - 1);
        vm.prank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.NothingMatured.selector, GENESIS + 3 * EPOCH));
        stakes.withdraw(neuron);
    }

    function test_withdraw_atRelease_paysAndEmits() public {
        uint256 before = token.balanceOf(bob);
        _stake(bob, neuron, 2e18);
        _unstake(bob, neuron, 2e24);
        vm.warp(GENESIS + 3 * EPOCH);
        vm.expectEmit(address(stakes));
        emit IStakeManager.Withdrawn(neuron, bob, 2e18);
        vm.prank(bob);
        vm.assertEq(stakes.withdraw(neuron), 2e18);
        vm.assertEq(token.balanceOf(bob), before);
        vm.assertEq(stakes.unbonding(neuron, bob).length, 0);
    }

    function test_withdraw_nothingWaiting_revertsNothingMatured() public {
        vm.prank(bob);
        _expect(abi.encodeWithSelector(IStakeManager.NothingMatured.selector, 0));
        stakes.withdraw(neuron);
    }

    function test_withdraw_maturedAndYoungEntries_paysOnlyTheMatured() public {
        _stake(bob, neuron, 10e18);
        _toEpoch(1, 0);
        _unstake(bob, neuron, 1e24);
        _toEpoch(2, 0);
        _unstake(bob, neuron, 2e24);
        _toEpoch(4, 0);
        vm.prank(bob);
        vm.assertEq(stakes.withdraw(neuron), 1e18);
        vm.assertEq(stakes.unbonding(neuron, bob)[0].assets, 2e18);
    }

    function test_withdraw_thirtyThreeEntries_paysThirtyTwoThenOne() public {
        _stake(bob, neuron, 100e18);
        for (uint256 epoch = 0; epoch < 33; epoch++) {
            _toEpoch(epoch, 0);
            _unstake(bob, neuron, 1e24);
        }
        _toEpoch(40, 0);
        vm.startPrank(bob);
        vm.assertEq(stakes.withdraw(neuron), 32e18);
        vm.assertEq(stakes.withdraw(neuron), 1e18);
    }

    // stakeAt

    function test_stakeAt_beforeGenesis_followsEveryChangeUntilGenesis() public {
        _stake(bob, neuron, 3e18);
        vm.assertEq(stakes.stakeAt(neuron, 0), 3e18);
        vm.warp(GENESIS - 1);
        _stake(bob, neuron, 1e18);
        vm.warp(GENESIS);
        _stake(bob, neuron, 1e18);
        vm.assertEq(stakes.stakeAt(neuron, 0), 4e18);
    }

    function test_stakeAt_changeInsideAnEpoch_countsFromTheNext() public {
        _stake(bob, neuron, 3e18);
        _toEpoch(2, 0);
        _stake(bob, neuron, 1e18);
        _toEpoch(2, EPOCH - 1);
        _stake(bob, neuron, 1e18);
        vm.assertEq(stakes.stakeAt(neuron, 2), 3e18);
        _toEpoch(3, 0);
        vm.assertEq(stakes.stakeAt(neuron, 3), 5e18);
        vm.assertEq(stakes.stakeAt(neuron, 2), 3e18);
    }

    function test_stakeAt_epochBeforeTheLastChange_revertsStakeNotKept() public {
        _toEpoch(2, 0);
        _stake(bob, neuron, 1e18);
        _expect(abi.encodeWithSelector(IStakeManager.StakeNotKept.selector, neuron, 1, 2));
        stakes.stakeAt(neuron, 1);
        vm.assertEq(stakes.stakeAt(neuron, 2), 0);
    }

    function test_stakeAt_nextEpoch_revertsEpochNotStarted() public {
        _toEpoch(2, EPOCH - 1);
        _expect(abi.encodeWithSelector(IStakeManager.EpochNotStarted.selector, 3, 2));
        stakes.stakeAt(neuron, 3);
        _toEpoch(3, 0);
        vm.assertEq(stakes.stakeAt(neuron, 3), 0);
    }

    // addRewards

    function test_addRewards_byEmission_raisesWhatSharesAreWorth() public {
        _stake(bob, neuron, 10e18);
        vm.prank(alice);
        token.transfer(address(stakes), 5e18);
        vm.prank(address(emission));
        (uint256[] memory takes, uint256 added) = stakes.addRewards(_one(neuron), _one(5e18));
        vm.assertEq(takes[0], 0.9e18);
        vm.assertEq(added, 4.1e18);
        vm.assertEq(stakes.poolAssets(neuron), 14.1e18);
        vm.assertApproxEqAbs(stakes.assetsOf(neuron, bob), 14.1e18, 1);
    }

    function test_addRewards_aSingleWei_isThePools() public {
        _stake(bob, neuron, 10e18);
        vm.prank(address(emission));
        (uint256[] memory takes, uint256 added) = stakes.addRewards(_one(neuron), _one(1));
        vm.assertEq(takes[0], 0);
        vm.assertEq(added, 1);
        vm.assertEq(stakes.poolAssets(neuron), 10e18 + 1);
    }

    function test_addRewards_byAnother_revertsNotEmission() public {
        vm.prank(alice);
        _expect(abi.encodeWithSelector(IStakeManager.NotEmission.selector, alice, address(emission)));
        stakes.addRewards(_one(neuron), _one(1));
    }

    function test_addRewards_listsOfDifferentLength_revertsLengthMismatch() public {
        vm.prank(address(emission));
        _expect(abi.encodeWithSelector(IStakeManager.LengthMismatch.selector, 1, 2));
        stakes.addRewards(_one(neuron), _two(1, 2));
    }

    function test_addRewards_poolBelowAMillionWei_givesTheOwnerAll() public {
        _stake(bob, neuron, 999_999);
        vm.startPrank(address(emission));
        (uint256[] memory takes, uint256 added) = stakes.addRewards(_one(neuron), _one(50));
        vm.assertEq(takes[0], 50);
        vm.assertEq(added, 0);
        vm.assertEq(stakes.poolAssets(neuron), 999_999);
        vm.stopPrank();
        _stake(bob, neuron, 1);
        vm.prank(address(emission));
        (takes, added) = stakes.addRewards(_one(neuron), _one(50));
        vm.assertEq(takes[0], 9); // 18 %, rounded down
        vm.assertEq(added, 41);
        vm.assertEq(stakes.poolAssets(neuron), 1e6 + 41);
    }

    // fuzz

    function testFuzz_stakeRewardUnstake_twoStakers_neverPayMoreThanThePoolHeld(
        uint256 first,
        uint256 second,
        uint256 reward
    ) public {
        first = _bound(first, 1, 50_000e18);
        second = _bound(second, 1, 50_000e18);
        reward = _bound(reward, 0, 20_000e18);
        _stake(alice, neuron, first);
        vm.prank(alice);
        token.transfer(address(stakes), reward);
        vm.prank(address(emission));
        (, reward) = stakes.addRewards(_one(neuron), _one(reward));
        uint256 expected = stakes.previewStake(neuron, second);
        if (expected == 0) return;
        vm.assertEq(_stake(bob, neuron, second), expected);
        uint256 paidBob = _unstakeAll(bob);
        vm.assertLe(paidBob, second);
        uint256 paidAlice = _unstakeAll(alice);
        vm.assertLe(paidAlice + paidBob + stakes.poolAssets(neuron), first + second + reward);
        vm.assertGe(paidAlice + 1, first);
    }

    function _unstakeAll(address account) private returns (uint256) {
        uint256 held = stakes.shares(neuron, account);
        return stakes.previewUnstake(neuron, held) == 0 ? 0 : _unstake(account, neuron, held);
    }

    function _expect(bytes memory revertData) private {
        vm.expectRevert(revertData);
    }

    function _expectOutOfBounds(bytes32 name, uint256 value, uint256 low, uint256 high) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, low, high));
    }
}
