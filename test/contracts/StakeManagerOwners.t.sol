// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {EpochAmountLib} from "../../contracts/libraries/EpochAmount.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice What owners set, and what of a pool is kept per epoch. Neuron 1 is alice's; takes are 18 % at first.
contract StakeManagerOwnersTest is MoneySystem {
    function setUp() public {
        _deploy();
        _register(alice, 0);
        _toEpoch(1, 10);
    }

    // setTake and applyTake

    function test_setTake_lower_holdsAtOnce() public {
        vm.expectEmit(address(stakes));
        emit IStakeManager.TakeSet(1, 500);
        vm.prank(alice);
        stakes.setTake(1, 500);
        vm.assertEq(stakes.takeBpsOf(1), 500);
        _stake(bob, 1, 1e18);
        vm.prank(address(emission));
        (uint256[] memory takes, uint256 added) = stakes.addRewards(_one(1), _one(1000));
        vm.assertEq(takes[0], 50);
        vm.assertEq(added, 950);
    }

    function test_setTake_higher_waitsForTheNotice() public {
        vm.startPrank(alice);
        stakes.setTake(1, 500);
        vm.expectEmit(address(stakes));
        emit IStakeManager.TakeAnnounced(1, 501, 4);
        stakes.setTake(1, 501);
        vm.stopPrank();
        vm.assertEq(stakes.takeBpsOf(1), 500);
        (uint256 takeBps, uint256 fromEpoch) = stakes.takeNotice(1);
        vm.assertEq(takeBps, 501);
        vm.assertEq(fromEpoch, 4);
        _toEpoch(4, 0);
        vm.warp(block.timestamp - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.TakeNotDue.selector, 1, 4));
        stakes.applyTake(1);
        _toEpoch(4, 0);
        vm.expectEmit(address(stakes));
        emit IStakeManager.TakeSet(1, 501);
        stakes.applyTake(1);
        vm.assertEq(stakes.takeBpsOf(1), 501);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.TakeNotDue.selector, 1, 0));
        stakes.applyTake(1);
    }

    function test_setTake_lowerAfterANotice_withdrawsIt() public {
        vm.startPrank(alice);
        stakes.setTake(1, 500);
        stakes.setTake(1, 1800);
        stakes.setTake(1, 400);
        _toEpoch(9, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.TakeNotDue.selector, 1, 0));
        stakes.applyTake(1);
        vm.assertEq(stakes.takeBpsOf(1), 400);
    }

    function test_setTake_noticePeriod_letsAStakerLeaveBefore() public {
        _stake(bob, 1, 1e18);
        vm.startPrank(alice);
        stakes.setTake(1, 0);
        stakes.setTake(1, 1800);
        vm.stopPrank();
        (, uint256 fromEpoch) = stakes.takeNotice(1);
        _unstake(bob, 1, 1e24);
        vm.assertLe(stakes.unbonding(1, bob)[0].releaseAt, GENESIS + fromEpoch * EPOCH);
    }

    function test_setTake_aboveTheMaximum_revertsParameterOutOfBounds() public {
        vm.startPrank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, bytes32("takeBps"), 1801, 0, 1800)
        );
        stakes.setTake(1, 1801);
        stakes.setTake(1, 1800);
    }

    function test_setTake_byAnotherOrOfNoNeuron_reverts() public {
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotColdkey.selector, 1, bob, alice));
        stakes.setTake(1, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownNeuron.selector, 2));
        stakes.setTake(2, 0);
    }

    // setOpen and moveOwnStake

    function test_setOpen_byAnother_revertsNotMetagraph() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotMetagraph.selector, address(this), address(metagraph)));
        stakes.setOpen(1, false);
    }

    function test_stake_onAPoolThatWasClosed_revertsInactiveNeuronAndUnstakeStays() public {
        _stake(bob, 1, 1e18);
        vm.prank(address(metagraph));
        stakes.setOpen(1, false);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.InactiveNeuron.selector, 1));
        stakes.stake(1, 1e18, 0, FOREVER);
        vm.assertEq(_unstake(bob, 1, 1e24), 1e18);
    }

    function test_moveOwnStake_byAnother_revertsNotMetagraph() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.NotMetagraph.selector, address(this), address(metagraph)));
        stakes.moveOwnStake(1, alice, bob);
    }

    function test_moveOwnStake_addsToWhatTheNewOwnerHolds() public {
        _stake(alice, 1, 3e18);
        _stake(bob, 1, 2e18);
        vm.expectEmit(address(stakes));
        emit IStakeManager.SharesMoved(1, alice, bob, 3e24);
        vm.prank(address(metagraph));
        stakes.moveOwnStake(1, alice, bob);
        vm.assertEq(stakes.shares(1, alice), 0);
        vm.assertEq(stakes.shares(1, bob), 5e24);
        vm.assertEq(stakes.totalShares(1), 5e24);
        vm.startPrank(address(metagraph));
        stakes.moveOwnStake(1, alice, bob); // nothing more
        stakes.moveOwnStake(1, bob, bob);
        vm.assertEq(stakes.shares(1, bob), 5e24);
    }

    function test_moveOwnStake_whileStakeWaits_revertsStillUnbonding() public {
        _stake(alice, 1, 3e18);
        _unstake(alice, 1, 1e24);
        uint256 releaseAt = GENESIS + 4 * EPOCH;
        vm.warp(releaseAt - 1);
        vm.prank(address(metagraph));
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StillUnbonding.selector, 1, alice, releaseAt));
        stakes.moveOwnStake(1, alice, bob);
        vm.warp(releaseAt);
        vm.prank(address(metagraph));
        stakes.moveOwnStake(1, alice, bob);
        vm.assertEq(stakes.shares(1, bob), 2e24);
    }

    // stakeWithPermit

    function test_stakeWithPermit_signedByTheStaker_stakesInOneCall() public {
        uint256 key = 0x5A4E4;
        address staker = vm.addr(key);
        vm.prank(bob);
        token.transfer(staker, 5e18);
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 message = keccak256(abi.encode(typehash, staker, address(stakes), 5e18, 0, FOREVER));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), message))
        );
        vm.prank(staker);
        vm.assertEq(stakes.stakeWithPermit(1, 5e18, 5e24, FOREVER, v, r, s), 5e24);
        vm.assertEq(stakes.assetsOf(1, staker), 5e18);
        vm.assertEq(token.balanceOf(staker), 0);
    }

    // sharesAt and stakesAt

    function test_sharesAt_changedInsideTheEpoch_givesWhatStoodAtItsStart() public {
        _stake(alice, 1, 3e18);
        _toEpoch(2, 10);
        _stake(bob, 1, 1e18);
        vm.assertEq(stakes.sharesAt(1, bob, 2), 0);
        vm.assertEq(stakes.totalSharesAt(1, 2), 3e24);
        _toEpoch(5, 0);
        vm.assertEq(stakes.sharesAt(1, bob, 5), 1e24);
        vm.assertEq(stakes.totalSharesAt(1, 5), 4e24);
        _stake(alice, 1, 1e18);
        vm.assertEq(stakes.sharesAt(1, bob, 4), 1e24); // bob's own did not change
        vm.expectRevert(abi.encodeWithSelector(EpochAmountLib.AmountNotKept.selector, 4, 5));
        stakes.totalSharesAt(1, 4);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.EpochNotStarted.selector, 6, 5));
        stakes.totalSharesAt(1, 6);
        vm.expectRevert(abi.encodeWithSelector(EpochAmountLib.AmountNotKept.selector, 1, 2));
        stakes.sharesAt(1, bob, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.EpochNotStarted.selector, 6, 5));
        stakes.sharesAt(1, bob, 6);
    }

    function test_stakesAt_manyNeurons_givesEachStake() public {
        _register(bob, 1);
        _stake(alice, 1, 3e18);
        _stake(bob, 2, 4e18);
        _toEpoch(2, 0);
        uint256[] memory given = stakes.stakesAt(_two(2, 1), 2);
        vm.assertEq(given, _two(4e18, 3e18));
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.EpochNotStarted.selector, 3, 2));
        stakes.stakesAt(_one(1), 3);
    }
}
