// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Gated} from "../../contracts/Gated.sol";
import {IGated} from "../../contracts/interfaces/IGated.sol";
import {IUpdateLedger} from "../../contracts/interfaces/IUpdateLedger.sol";
import {GateLib} from "../../contracts/libraries/Gate.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice The guardian, here the test contract, closes what lets somebody in, and nothing else.
contract GatedTest is RunSystem {
    address private stranger = address(0xBAD);

    function setUp() public {
        _deployRun();
        _toRound(0, 0);
    }

    function test_pause_byAnother_revertsAccessManagedUnauthorized() public {
        Gated[4] memory all = _all();
        for (uint256 k = 0; k < all.length; k++) {
            vm.startPrank(stranger);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
            all[k].pause(block.timestamp + 1);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
            all[k].unpause();
            vm.stopPrank();
        }
    }

    function test_pause_outOfBounds_revertsPauseOutOfBounds() public {
        uint256 latest = block.timestamp + 7 days;
        vm.expectRevert(abi.encodeWithSelector(IGated.PauseOutOfBounds.selector, block.timestamp, latest));
        stakes.pause(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IGated.PauseOutOfBounds.selector, latest + 1, latest));
        stakes.pause(latest + 1);
        vm.expectEmit(address(stakes));
        emit IGated.Paused(address(this), latest);
        stakes.pause(latest);
        vm.assertEq(stakes.pausedUntil(), latest);
        stakes.pause(block.timestamp + 1); // set anew, shorter
        vm.assertEq(stakes.pausedUntil(), block.timestamp + 1);
    }

    function test_pause_stake_isRefusedUntilItsEnd() public {
        uint256 until = block.timestamp + 100;
        stakes.pause(until);
        vm.warp(until - 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(GateLib.Paused.selector, until));
        stakes.stake(1, 1e18, 0, FOREVER);
        vm.warp(until);
        _stake(alice, 1, 1e18);
    }

    function test_unpause_opensAtOnceAndNotTwice() public {
        stakes.pause(block.timestamp + 100);
        vm.expectEmit(address(stakes));
        emit IGated.Unpaused(address(this));
        stakes.unpause();
        _stake(alice, 1, 1e18);
        vm.expectRevert(IGated.NotPaused.selector);
        stakes.unpause();
    }

    function test_pause_registerAndCommits_areRefused() public {
        uint256 until = block.timestamp + 1000;
        Gated[4] memory all = _all();
        for (uint256 k = 0; k < all.length; k++) all[k].pause(until);
        bytes memory closed = abi.encodeWithSelector(GateLib.Paused.selector, until);
        bytes memory consent = _consent(9, alice, FOREVER);
        vm.prank(alice);
        vm.expectRevert(closed);
        metagraph.register(address(9), FOREVER, FOREVER, consent);
        vm.prank(_hotkey(0));
        vm.expectRevert(closed);
        updates.commitUpdate(0, DIGEST, SIZE, keccak256("any"));
        _toRound(3, 0);
        vm.prank(_hotkey(2));
        vm.expectRevert(closed);
        weights.commitWeights(0, keccak256("any"), DIGEST, SIZE);
    }

    function test_pause_everything_stopsNoRevealAttestationSettlementWithdrawalOrClaim() public {
        _unstake(alice, 3, 1e24);
        _toRound(3, 0);
        _commitUpdate(0, 3);
        for (uint256 uid = MINERS; uid < UIDS; uid++) _commitWeights(uid, 0, _row(uid));
        Gated[4] memory all = _all();
        for (uint256 k = 0; k < all.length; k++) all[k].pause(block.timestamp + 7 days);
        _toRound(3, 50);
        _revealUpdate(0, 3);
        _toRound(3, 75);
        vm.prank(_hotkey(2));
        attestations.attest(3, 1);
        _toRound(4, 0);
        for (uint256 uid = MINERS; uid < UIDS; uid++) _revealWeights(uid, 0, _row(uid));
        _toRound(5, 0);
        engine.settleEpoch(0, _witness(_noBonds()));
        vm.assertGt(emission.claim(1), 0);
        _unstake(alice, 4, 1e24);
        _toRound(9, 0);
        vm.prank(alice);
        vm.assertEq(stakes.withdraw(3), 1e18);
    }

    function test_close_update_isRefusedFromThenOn() public {
        uint256 end = GENESIS + 200;
        vm.expectEmit(address(updates));
        emit IUpdateLedger.Closing(end);
        updates.close(end);
        vm.warp(end - 100);
        _commitUpdate(0, 1);
        _toRound(1, 50);
        _revealUpdate(0, 1);
        vm.warp(end);
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(GateLib.Closed.selector, end));
        updates.commitUpdate(2, DIGEST, SIZE, keccak256("any"));
    }

    function test_close_pausedAfterwards_staysAnnounced() public {
        uint256 end = GENESIS + 400;
        updates.close(end);
        updates.pause(block.timestamp + 10);
        updates.unpause();
        vm.warp(end);
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(GateLib.Closed.selector, end));
        updates.commitUpdate(4, DIGEST, SIZE, keccak256("any"));
    }

    function test_close_notLaterThanNowOrBeyondU48_revertsCloseOutOfBounds() public {
        vm.expectRevert(
            abi.encodeWithSelector(IUpdateLedger.CloseOutOfBounds.selector, block.timestamp, block.timestamp)
        );
        updates.close(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IUpdateLedger.CloseOutOfBounds.selector, 1 << 48, block.timestamp));
        updates.close(1 << 48);
        updates.close((1 << 48) - 1);
        updates.close(block.timestamp + 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        updates.close(block.timestamp + 1);
    }

    function test_pausedDuring_twoPauses_knowsBothAndDoubtsWhatWasBefore() public {
        uint256 start = block.timestamp;
        vm.assertFalse(updates.pausedDuring(0, FOREVER));
        vm.warp(start + 100);
        updates.pause(start + 150);
        vm.assertFalse(updates.pausedDuring(start, start + 100));
        vm.assertTrue(updates.pausedDuring(start, start + 101));
        vm.assertTrue(updates.pausedDuring(start + 149, start + 200));
        vm.assertFalse(updates.pausedDuring(start + 150, start + 200));
        vm.warp(start + 300);
        updates.pause(start + 400);
        vm.warp(start + 350);
        updates.unpause();
        vm.assertFalse(updates.pausedDuring(start + 350, start + 400));
        vm.assertTrue(updates.pausedDuring(start + 300, start + 301));
        vm.assertFalse(updates.pausedDuring(start + 150, start + 300));
        vm.assertTrue(updates.pausedDuring(start, start + 1)); // before what is kept
    }

    function _all() private view returns (Gated[4] memory) {
        return [Gated(address(stakes)), metagraph, updates, weights];
    }
}
