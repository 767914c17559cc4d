// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UpdateLedger} from "../../contracts/UpdateLedger.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IPhased} from "../../contracts/interfaces/IPhased.sol";
import {IUpdateLedger} from "../../contracts/interfaces/IUpdateLedger.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {CommitStatus, CommitWordLibrary} from "../../contracts/libraries/CommitWord.sol";
import {RoundClock, RoundClockLib} from "../../contracts/libraries/RoundClock.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

contract UpdateLedgerTest is RunSystem {
    function setUp() public {
        _deployRun();
        _toRound(0, 0);
    }

    // constructor

    function test_constructor_maxUpdateBytesOnItsBounds_isTaken() public {
        vm.assertEq(new UpdateLedger(metagraph, 1, address(manager)).maxUpdateBytes(), 1);
        vm.assertEq(new UpdateLedger(metagraph, 1 << 32, address(manager)).maxUpdateBytes(), 1 << 32);
        vm.assertEq(RoundClock.unwrap(updates.clock()), RoundClock.unwrap(clock));
    }

    function test_constructor_maxUpdateBytesOneOut_revertsParameterOutOfBounds() public {
        bytes4 selector = Bounds.ParameterOutOfBounds.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, bytes32("maxUpdateBytes"), 0, 1, 1 << 32));
        new UpdateLedger(metagraph, 0, address(manager));
        vm.expectRevert(abi.encodeWithSelector(selector, bytes32("maxUpdateBytes"), (1 << 32) + 1, 1, 1 << 32));
        new UpdateLedger(metagraph, (1 << 32) + 1, address(manager));
    }

    // commitUpdate

    function test_commitUpdate_inTime_isOnRecordAndEmitted() public {
        vm.expectEmit(address(updates));
        emit IUpdateLedger.UpdateCommitted(0, _hotkey(0), DIGEST, SIZE);
        _commitUpdate(0, 0);
        (CommitStatus status, bytes32 hash) = updates.commitmentOf(_hotkey(0), 0);
        vm.assertEq(uint256(status), uint256(CommitStatus.Committed));
        vm.assertEq(hash, CommitWordLibrary.truncate(_bound(_commitment(0, 0))));
    }

    function test_commitUpdate_lastSecondOfThePhase_passes() public {
        _toRound(0, 49);
        _commitUpdate(0, 0);
    }

    function test_commitUpdate_firstSecondAfterThePhase_revertsWrongPhase() public {
        _toRound(0, 50);
        _expectCommitRevert(0, SIZE, abi.encodeWithSelector(IPhased.WrongPhase.selector, 50, 0, 50));
    }

    function test_commitUpdate_anotherRound_revertsWrongRound() public {
        _toRound(5, 0);
        _expectCommitRevert(4, SIZE, abi.encodeWithSelector(IPhased.WrongRound.selector, 4, 5));
        _expectCommitRevert(6, SIZE, abi.encodeWithSelector(IPhased.WrongRound.selector, 6, 5));
    }

    function test_commitUpdate_beforeGenesis_revertsBeforeGenesis() public {
        vm.warp(GENESIS - 1);
        bytes4 selector = RoundClockLib.BeforeGenesis.selector;
        _expectCommitRevert(0, SIZE, abi.encodeWithSelector(selector, GENESIS - 1, GENESIS));
    }

    function test_commitUpdate_sizeOnItsBounds_passes() public {
        vm.prank(_hotkey(0));
        updates.commitUpdate(0, DIGEST, 1, 0);
        vm.prank(_hotkey(1));
        updates.commitUpdate(0, DIGEST, MAX_UPDATE_BYTES, 0);
    }

    function test_commitUpdate_sizeOneOut_revertsSizeOutOfBounds() public {
        bytes4 selector = IUpdateLedger.SizeOutOfBounds.selector;
        _expectCommitRevert(0, 0, abi.encodeWithSelector(selector, 0, MAX_UPDATE_BYTES));
        uint256 size = MAX_UPDATE_BYTES + 1;
        _expectCommitRevert(0, size, abi.encodeWithSelector(selector, size, MAX_UPDATE_BYTES));
    }

    function test_commitUpdate_twice_revertsAlreadyCommitted() public {
        _commitUpdate(0, 0);
        _expectCommitRevert(0, SIZE, abi.encodeWithSelector(IUpdateLedger.AlreadyCommitted.selector, 0));
    }

    function test_commitUpdate_afterTheReveal_cannotBeInTimeAgain() public {
        _commitUpdate(0, 0);
        _toRound(0, 50);
        _revealUpdate(0, 0);
        _toRound(0, 49);
        _expectCommitRevert(0, SIZE, abi.encodeWithSelector(IUpdateLedger.AlreadyCommitted.selector, 0));
    }

    function test_commitUpdate_anotherHotkeyOrRound_passes() public {
        _commitUpdate(0, 0);
        _commitUpdate(1, 0);
        _toRound(1, 0);
        _commitUpdate(0, 1);
    }

    function test_commitUpdate_fourRoundsLater_takesTheWordOver() public {
        _commitUpdate(0, 0);
        for (uint256 round = 1; round < 4; round++) {
            _toRound(round, 0);
            _commitUpdate(0, round);
        }
        (CommitStatus before, ) = updates.commitmentOf(_hotkey(0), 0);
        vm.assertEq(uint256(before), uint256(CommitStatus.Committed));
        _toRound(4, 0);
        _commitUpdate(0, 4);
        (CommitStatus status, bytes32 hash) = updates.commitmentOf(_hotkey(0), 0);
        vm.assertEq(uint256(status), uint256(CommitStatus.None));
        vm.assertEq(hash, bytes32(0));
    }

    // revealUpdate

    function test_revealUpdate_inTime_isOnRecordAndEmitted() public {
        _commitUpdate(1, 0);
        _toRound(0, 50);
        vm.expectEmit(address(updates));
        emit IUpdateLedger.UpdateRevealed(0, 2, 1, DIGEST, SIZE, DATA_ROOT, SALT);
        _revealUpdate(1, 0);
        (CommitStatus status, ) = updates.commitmentOf(_hotkey(1), 0);
        vm.assertEq(uint256(status), uint256(CommitStatus.Revealed));
    }

    function test_revealUpdate_lastSecondOfThePhase_passes() public {
        _commitUpdate(0, 0);
        _toRound(0, 74);
        _revealUpdate(0, 0);
    }

    function test_revealUpdate_outsideOfThePhase_revertsWrongPhase() public {
        _commitUpdate(0, 0);
        _toRound(0, 49);
        _expectRevealRevert(0, 0, abi.encodeWithSelector(IPhased.WrongPhase.selector, 49, 50, 75));
        _toRound(0, 75);
        _expectRevealRevert(0, 0, abi.encodeWithSelector(IPhased.WrongPhase.selector, 75, 50, 75));
    }

    function test_revealUpdate_inTheNextRound_revertsWrongRound() public {
        _commitUpdate(0, 0);
        _toRound(1, 50);
        _expectRevealRevert(0, 0, abi.encodeWithSelector(IPhased.WrongRound.selector, 0, 1));
    }

    function test_revealUpdate_unregisteredHotkey_revertsNotRegistered() public {
        _commitUpdate(9, 0);
        _toRound(0, 50);
        _expectRevealRevert(9, 0, abi.encodeWithSelector(IMetagraph.NotRegistered.selector, _hotkey(9)));
    }

    function test_revealUpdate_nothingCommitted_revertsNoCommitment() public {
        _toRound(0, 50);
        _expectRevealRevert(0, 0, abi.encodeWithSelector(IUpdateLedger.NoCommitment.selector, 0));
    }

    function test_revealUpdate_twice_revertsAlreadyRevealed() public {
        _commitUpdate(0, 0);
        _toRound(0, 50);
        _revealUpdate(0, 0);
        _expectRevealRevert(0, 0, abi.encodeWithSelector(IUpdateLedger.AlreadyRevealed.selector, 0));
    }

    function test_revealUpdate_commitmentCopiedFromAnother_revertsWrongReveal() public {
        bytes32 copied = _commitment(0, 0);
        vm.prank(_hotkey(1));
        updates.commitUpdate(0, DIGEST, SIZE, copied);
        _toRound(0, 50);
        _expectRevealRevert(1, 0, _wrongReveal(_bound(copied), _bound(_commitment(1, 0))));
    }

    function test_revealUpdate_anyArgumentChanged_revertsWrongReveal() public {
        _commitUpdate(0, 0);
        _toRound(0, 50);
        _expectOther(keccak256("other"), SIZE, DATA_ROOT, SALT);
        _expectOther(DIGEST, SIZE + 1, DATA_ROOT, SALT);
        _expectOther(DIGEST, SIZE, keccak256("other"), SALT);
        _expectOther(DIGEST, SIZE, DATA_ROOT, keccak256("other"));
        _revealUpdate(0, 0);
    }

    function test_revealUpdate_otherContentThanAnnounced_revertsWrongReveal() public {
        bytes32 other = keccak256("other");
        _expectUnopenable(0, other, SIZE);
        _expectUnopenable(1, DIGEST, SIZE + 1);
    }

    /// @dev A commitment over the usual content, announced with another, opens with neither.
    function _expectUnopenable(uint256 round, bytes32 digest, uint256 size) private {
        bytes32 commitment = _commitment(0, round);
        bytes32 kept = keccak256(abi.encode(commitment, digest, size));
        _toRound(round, 0);
        vm.prank(_hotkey(0));
        updates.commitUpdate(round, digest, size, commitment);
        _toRound(round, 50);
        _expectRevealRevert(0, round, _wrongReveal(kept, _bound(commitment)));
        bytes32 ofAnnounced = updates.updateCommitment(1, round, digest, size, DATA_ROOT, SALT);
        bytes32 given = keccak256(abi.encode(ofAnnounced, digest, size));
        vm.prank(_hotkey(0));
        vm.expectRevert(_wrongReveal(kept, given));
        updates.revealUpdate(round, digest, size, DATA_ROOT, SALT);
    }

    function testFuzz_revealUpdate_anySalt_opensOnlyItsOwn(bytes32 salt, bytes32 other) public {
        if (salt == other) other = ~salt;
        bytes32 commitment = updates.updateCommitment(1, 0, DIGEST, SIZE, DATA_ROOT, salt);
        vm.prank(_hotkey(0));
        updates.commitUpdate(0, DIGEST, SIZE, commitment);
        _toRound(0, 60);
        bytes32 given = updates.updateCommitment(1, 0, DIGEST, SIZE, DATA_ROOT, other);
        vm.prank(_hotkey(0));
        vm.expectRevert(_wrongReveal(_bound(commitment), _bound(given)));
        updates.revealUpdate(0, DIGEST, SIZE, DATA_ROOT, other);
        vm.prank(_hotkey(0));
        updates.revealUpdate(0, DIGEST, SIZE, DATA_ROOT, salt);
    }

    function test_updateCommitment_isTheFormulaOfTheDesign() public view {
        bytes32 tag = keccak256("weft.update.v1");
        bytes memory words = abi.encode(
            tag,
            block.chainid,
            address(updates),
            uint256(1),
            uint256(7),
            DIGEST,
            SIZE,
            DATA_ROOT,
            SALT
        );
        vm.assertEq(_commitment(0, 7), keccak256(words));
    }

    function _expectCommitRevert(uint256 round, uint256 size, bytes memory reason) private {
        vm.prank(_hotkey(0));
        vm.expectRevert(reason);
        updates.commitUpdate(round, DIGEST, size, 0);
    }

    function _expectRevealRevert(uint256 uid, uint256 round, bytes memory reason) private {
        vm.prank(_hotkey(uid));
        vm.expectRevert(reason);
        updates.revealUpdate(round, DIGEST, SIZE, DATA_ROOT, SALT);
    }

    function _expectOther(bytes32 digest, uint256 size, bytes32 dataRoot, bytes32 salt) private {
        bytes32 commitment = updates.updateCommitment(1, 0, digest, size, dataRoot, salt);
        bytes32 given = keccak256(abi.encode(commitment, digest, size));
        bytes memory reason = _wrongReveal(_bound(_commitment(0, 0)), given);
        vm.prank(_hotkey(0));
        vm.expectRevert(reason);
        updates.revealUpdate(0, digest, size, dataRoot, salt);
    }

    function _wrongReveal(bytes32 expected, bytes32 given) private pure returns (bytes memory) {
        (bytes32 kept, bytes32 other) = (CommitWordLibrary.truncate(expected), CommitWordLibrary.truncate(given));
        return abi.encodeWithSelector(IUpdateLedger.WrongReveal.selector, kept, other);
    }
}
