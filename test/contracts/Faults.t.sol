// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Linked} from "../../contracts/Linked.sol";
import {UpdateLedger} from "../../contracts/UpdateLedger.sol";
import {IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {IUpdateLedger} from "../../contracts/interfaces/IUpdateLedger.sol";
import {CommitStatus} from "../../contracts/libraries/CommitWord.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice What both ledgers do with commitments that were not revealed. Rounds of 100 s, epochs of three.
contract FaultsTest is RunSystem {
    function setUp() public {
        _deployRun();
        _toRound(3, 0);
    }

    // link

    function test_link_againByAnotherOrToNoContract_reverts() public {
        vm.expectRevert(Linked.AlreadyLinked.selector);
        updates.link(address(slashing));
        UpdateLedger fresh = new UpdateLedger(metagraph, 1, address(manager));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        fresh.link(address(slashing));
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        fresh.link(alice);
        vm.expectEmit(address(fresh));
        emit IFaultLedger.FaultLedgerLinked(address(slashing));
        fresh.link(address(slashing));
        vm.assertEq(fresh.slashing(), address(slashing));
    }

    // tally of updates

    function test_tally_update_countsHotkeysOfUidsAlone() public {
        vm.prank(address(0xBAD)); // serves nobody
        updates.commitUpdate(3, DIGEST, SIZE, keccak256("any"));
        _playRound(3, 3, 4);
        vm.warp(GENESIS + 375);
        vm.expectEmit(address(updates));
        emit IFaultLedger.Tallied(3, 4, 3);
        updates.tally(3);
        (bool tallied, uint256 commits, uint256 reveals) = updates.tallyOf(3);
        vm.assertTrue(tallied);
        vm.assertEq(commits, 4);
        vm.assertEq(reveals, 3);
        (tallied, , ) = updates.tallyOf(4);
        vm.assertFalse(tallied);
    }

    function test_tally_update_bothSidesOfItsWindow() public {
        uint256 from = GENESIS + 375;
        uint256 until = GENESIS + 700;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.TallyNotDue.selector, 3, from, until));
        updates.tally(3);
        vm.warp(from);
        updates.tally(3);
        vm.warp(until - 1);
        updates.tally(3);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.TallyNotDue.selector, 3, from, until));
        updates.tally(3);
    }

    function test_tally_periodBeyondAnyWord_revertsTallyNotDue() public {
        uint256 period = uint256(type(uint32).max) + 1;
        bytes memory reason = abi.encodeWithSelector(IFaultLedger.TallyNotDue.selector, period, FOREVER, FOREVER);
        vm.expectRevert(reason);
        updates.tally(period);
        vm.expectRevert(reason);
        weights.tally(period);
    }

    // takeFault of updates

    function test_takeFault_byAnother_revertsNotSlashing() public {
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.NotSlashing.selector, address(this), address(slashing)));
        updates.takeFault(_hotkey(0), 3);
    }

    function test_takeFault_unrevealedUpdate_isTakenOnce() public {
        _playRound(3, 2, 4);
        _tally(3);
        vm.expectEmit(address(updates));
        emit IFaultLedger.FaultTaken(3, _hotkey(2));
        _take(2, 3);
        (CommitStatus status, ) = updates.commitmentOf(_hotkey(2), 3);
        vm.assertTrue(status == CommitStatus.Punished);
        _refuses(2, 3, abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(2), 3));
        _refuses(0, 3, abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(0), 3)); // revealed
        _refuses(9, 3, abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(9), 3)); // never committed
        _take(3, 3);
    }

    function test_takeFault_notTallied_revertsNotTallied() public {
        _playRound(3, 2, 4);
        vm.warp(GENESIS + 400);
        _refuses(2, 3, abi.encodeWithSelector(IFaultLedger.NotTallied.selector, 3));
    }

    function test_takeFault_atTheEdgeOfAnOutage() public {
        _playRound(3, 2, 4); // half of them revealed: no outage
        _tally(3);
        _take(2, 3);
        _toRound(4, 0);
        _playRound(4, 1, 3); // a third
        _tally(4);
        _refuses(1, 4, abi.encodeWithSelector(IFaultLedger.Outage.selector, 4, 3, 1));
    }

    function test_takeFault_roundWithAPause_revertsPausedDuring() public {
        _commitUpdate(0, 3);
        _commitUpdate(1, 3);
        updates.pause(block.timestamp + 1);
        _toRound(3, 60);
        _revealUpdate(0, 3);
        _tally(3);
        _refuses(1, 3, abi.encodeWithSelector(IFaultLedger.PausedDuring.selector, 3));
    }

    function test_takeFault_roundAfterAPause_isTaken() public {
        updates.pause(block.timestamp + 50);
        _toRound(4, 0);
        _playRound(4, 1, 2);
        _tally(4);
        _take(1, 4);
    }

    function test_takeFault_bothSidesOfTheEvidenceWindow() public {
        _playRound(3, 2, 4);
        _tally(3);
        uint256 until = GENESIS + 4 * EPOCH; // round 3 is of epoch 1
        vm.assertEq(updates.evidenceUntil(3), until);
        vm.warp(until - 1);
        _take(2, 3);
        vm.warp(until);
        _refuses(3, 3, abi.encodeWithSelector(IFaultLedger.EvidenceTooLate.selector, 3, until));
    }

    function test_evidence_isOverBeforeStakeOfThatTimeIsReleased() public {
        vm.warp(GENESIS + EPOCH); // the fault's epoch begins
        _unstake(alice, 3, 1e24);
        vm.assertGe(stakes.unbonding(3, alice)[0].releaseAt, updates.evidenceUntil(3));
    }

    function test_commitUpdate_overAnUnrevealedOne_booksTheFault() public {
        _playRound(3, 1, 2);
        _tally(3);
        _toRound(7, 0);
        vm.expectEmit(address(updates));
        emit IFaultLedger.FaultBooked(3, _hotkey(1));
        vm.expectEmit(address(updates));
        emit IUpdateLedger.UpdateCommitted(7, _hotkey(1), DIGEST, SIZE);
        _commitUpdate(1, 7);
        _take(1, 3);
        _refuses(1, 3, abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(1), 3));
    }

    function test_commitUpdate_overOneThatWasRevealedOrPunished_booksNothing() public {
        _playRound(3, 1, 2);
        _tally(3);
        _take(1, 3);
        _toRound(7, 0);
        _commitUpdate(0, 7);
        _commitUpdate(1, 7);
        _refuses(0, 3, abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(0), 3));
        _refuses(1, 3, abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(1), 3));
    }

    // openCommitOf

    function test_openCommitOf_update_untilRevealedTakenOrTooLate() public {
        vm.assertFalse(updates.openCommitOf(_hotkey(0)));
        _commitUpdate(0, 3);
        _commitUpdate(1, 3);
        vm.assertTrue(updates.openCommitOf(_hotkey(0)));
        _toRound(3, 50);
        _revealUpdate(0, 3);
        vm.assertFalse(updates.openCommitOf(_hotkey(0)));
        vm.assertTrue(updates.openCommitOf(_hotkey(1)));
        _toRound(7, 0);
        _commitUpdate(1, 7); // books the fault
        _toRound(7, 50);
        _revealUpdate(1, 7);
        vm.assertTrue(updates.openCommitOf(_hotkey(1)));
        vm.warp(updates.evidenceUntil(3));
        vm.assertFalse(updates.openCommitOf(_hotkey(1)));
    }

    // weights

    function test_weights_tallyTakeAndOpen() public {
        for (uint256 uid = MINERS; uid < UIDS; uid++) _commitWeights(uid, 0, _row(uid));
        vm.assertTrue(weights.openCommitOf(_hotkey(3)));
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        uint256 from = GENESIS + 500;
        uint256 until = GENESIS + 600;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.TallyNotDue.selector, 0, from, until));
        weights.tally(0);
        vm.warp(from);
        vm.expectEmit(address(weights));
        emit IFaultLedger.Tallied(0, 2, 1);
        weights.tally(0);
        vm.assertEq(weights.evidenceUntil(0), GENESIS + 4 * EPOCH);
        vm.prank(address(slashing));
        weights.takeFault(_hotkey(3), 0);
        vm.assertFalse(weights.openCommitOf(_hotkey(3)));
        vm.prank(address(slashing));
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(2), 0));
        weights.takeFault(_hotkey(2), 0);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.TallyNotDue.selector, 0, from, until));
        weights.tally(0);
    }

    function test_weights_committedAgainNextEpoch_booksTheFault() public {
        for (uint256 uid = MINERS; uid < UIDS; uid++) _commitWeights(uid, 0, _row(uid));
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        _toRound(5, 0);
        weights.tally(0);
        _toRound(6, 0);
        vm.expectEmit(address(weights));
        emit IFaultLedger.FaultBooked(0, _hotkey(3));
        _commitWeights(3, 1, _row(3));
        vm.prank(address(slashing));
        weights.takeFault(_hotkey(3), 0);
    }

    function test_weights_pausedWhileTheyWereDue_revertsPausedDuring() public {
        for (uint256 uid = MINERS; uid < UIDS; uid++) _commitWeights(uid, 0, _row(uid));
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        weights.pause(block.timestamp + 1);
        _toRound(5, 0);
        weights.tally(0);
        vm.prank(address(slashing));
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.PausedDuring.selector, 0));
        weights.takeFault(_hotkey(3), 0);
    }

    /// @dev Uids 0 … `commits` − 1 commit in the round, the first `reveals` of them reveal.
    function _playRound(uint256 round, uint256 reveals, uint256 commits) private {
        for (uint256 uid = 0; uid < commits; uid++) _commitUpdate(uid, round);
        _toRound(round, 50);
        for (uint256 uid = 0; uid < reveals; uid++) _revealUpdate(uid, round);
    }

    function _tally(uint256 round) private {
        _toRound(round, 75);
        updates.tally(round);
    }

    function _take(uint256 uid, uint256 round) private {
        address hotkey = _hotkey(uid);
        vm.prank(address(slashing));
        updates.takeFault(hotkey, round);
    }

    function _refuses(uint256 uid, uint256 round, bytes memory reason) private {
        address hotkey = _hotkey(uid);
        vm.prank(address(slashing));
        vm.expectRevert(reason);
        updates.takeFault(hotkey, round);
    }
}
