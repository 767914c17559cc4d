// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IWeightLedger} from "../../contracts/interfaces/IWeightLedger.sol";
import {CommitStatus, CommitWordLibrary} from "../../contracts/libraries/CommitWord.sol";
import {RoundClock} from "../../contracts/libraries/RoundClock.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

contract WeightLedgerTest is RunSystem {
    uint256 private constant UID = 2;

    function setUp() public {
        _deployRun();
        _toRound(3, 0);
    }

    function test_constructor_takesTheClockOfTheMetagraph() public view {
        vm.assertEq(RoundClock.unwrap(weights.clock()), RoundClock.unwrap(clock));
    }

    // commitWeights

    function test_commitWeights_firstRoundOfTheNextEpoch_isOnRecordAndEmitted() public {
        bytes32 commitment = weights.weightsCommitment(UID + 1, 0, _row(UID), SALT);
        vm.expectEmit(address(weights));
        emit IWeightLedger.WeightsCommitted(0, _hotkey(UID), commitment, DIGEST, SIZE);
        _commitWeights(UID, 0, _row(UID));
        (CommitStatus status, bytes32 hash) = weights.commitmentOf(_hotkey(UID), 0);
        vm.assertEq(uint256(status), uint256(CommitStatus.Committed));
        vm.assertEq(hash, CommitWordLibrary.truncate(commitment));
        vm.assertEq(weights.revealedRowHash(UID, 0), bytes32(0));
    }

    function test_commitWeights_lastSecondOfTheRound_passes() public {
        _toRound(3, 99);
        _commitWeights(UID, 0, _row(UID));
    }

    function test_commitWeights_roundBeforeOrAfter_revertsWrongWindow() public {
        _toRound(2, 99);
        _expectCommitRevert(0, abi.encodeWithSelector(IWeightLedger.WrongWindow.selector, 0, 2, 3));
        _toRound(4, 0);
        _expectCommitRevert(0, abi.encodeWithSelector(IWeightLedger.WrongWindow.selector, 0, 4, 3));
    }

    function test_commitWeights_anotherEpoch_revertsWrongWindow() public {
        _expectCommitRevert(1, abi.encodeWithSelector(IWeightLedger.WrongWindow.selector, 1, 3, 6));
    }

    function test_commitWeights_twice_revertsAlreadyCommitted() public {
        _commitWeights(UID, 0, _row(UID));
        _expectCommitRevert(0, abi.encodeWithSelector(IWeightLedger.AlreadyCommitted.selector, 0));
    }

    function test_commitWeights_nextEpoch_takesTheWordOver() public {
        _commitWeights(UID, 0, _row(UID));
        _toRound(4, 0);
        _revealWeights(UID, 0, _row(UID));
        _toRound(6, 0);
        _commitWeights(UID, 1, _row(UID));
        vm.assertEq(weights.revealedRowHash(UID, 1), bytes32(0));
        (CommitStatus status, ) = weights.commitmentOf(_hotkey(UID), 0);
        vm.assertEq(uint256(status), uint256(CommitStatus.None));
    }

    // revealWeights

    function test_revealWeights_secondRound_countsForItsEpochAlone() public {
        _commitWeights(UID, 0, _row(UID));
        _toRound(4, 0);
        vm.expectEmit(address(weights));
        emit IWeightLedger.WeightsRevealed(0, UID + 1, UID, _row(UID));
        _revealWeights(UID, 0, _row(UID));
        bytes32 expected = CommitWordLibrary.truncate(keccak256(_row(UID)));
        vm.assertEq(weights.revealedRowHash(UID, 0), expected);
        vm.assertEq(weights.revealedRowHash(UID, 1), bytes32(0));
    }

    function test_revealWeights_roundBeforeOrAfter_revertsWrongWindow() public {
        _commitWeights(UID, 0, _row(UID));
        _expectRevealRevert(UID, _row(UID), abi.encodeWithSelector(IWeightLedger.WrongWindow.selector, 0, 3, 4));
        _toRound(5, 0);
        _expectRevealRevert(UID, _row(UID), abi.encodeWithSelector(IWeightLedger.WrongWindow.selector, 0, 5, 4));
        _toRound(4, 99);
        _revealWeights(UID, 0, _row(UID));
    }

    function test_revealWeights_rowOfWholeU16UpTo256_passes() public {
        _commitWeights(2, 0, new bytes(512));
        _commitWeights(3, 0, "");
        _toRound(4, 0);
        _revealWeights(2, 0, new bytes(512));
        _revealWeights(3, 0, "");
        vm.assertTrue(weights.revealedRowHash(3, 0) != 0);
    }

    function test_revealWeights_rowOddOrTooLong_revertsBadRowLength() public {
        _toRound(4, 0);
        _expectRevealRevert(UID, new bytes(3), abi.encodeWithSelector(IWeightLedger.BadRowLength.selector, 3));
        _expectRevealRevert(UID, new bytes(514), abi.encodeWithSelector(IWeightLedger.BadRowLength.selector, 514));
    }

    function test_revealWeights_unregistered_revertsNotRegistered() public {
        _commitWeights(9, 0, "");
        _toRound(4, 0);
        _expectRevealRevert(9, "", abi.encodeWithSelector(IMetagraph.NotRegistered.selector, _hotkey(9)));
    }

    function test_revealWeights_permitOfALaterEpoch_revertsNotPermitted() public {
        _stake(alice, 1, 300e18);
        _claimPermit(0);
        _commitWeights(0, 0, _row(0));
        _toRound(4, 0);
        _expectRevealRevert(0, _row(0), abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 0, 0));
    }

    function test_revealWeights_nothingCommitted_revertsNoCommitment() public {
        _toRound(4, 0);
        _expectRevealRevert(UID, _row(UID), abi.encodeWithSelector(IWeightLedger.NoCommitment.selector, 0));
    }

    function test_revealWeights_twice_revertsAlreadyRevealed() public {
        _commitWeights(UID, 0, _row(UID));
        _toRound(4, 0);
        _revealWeights(UID, 0, _row(UID));
        _expectRevealRevert(UID, _row(UID), abi.encodeWithSelector(IWeightLedger.AlreadyRevealed.selector, 0));
    }

    function test_revealWeights_anotherRowOrSalt_revertsWrongReveal() public {
        _commitWeights(UID, 0, _row(UID));
        _toRound(4, 0);
        bytes memory row = _row(UID);
        row[1] ^= 0x01;
        _expectWrongReveal(row, SALT);
        _expectWrongReveal(bytes.concat(_row(UID), hex"0000"), SALT);
        _expectWrongReveal(_row(UID), keccak256("other"));
    }

    function test_revealWeights_commitmentCopiedFromAnother_revertsWrongReveal() public {
        bytes32 copied = weights.weightsCommitment(3, 0, _row(2), SALT);
        vm.prank(_hotkey(3));
        weights.commitWeights(0, copied, DIGEST, SIZE);
        _toRound(4, 0);
        bytes32 given = weights.weightsCommitment(4, 0, _row(2), SALT);
        _expectRevealRevert(3, _row(2), _wrongReveal(copied, given));
    }

    function test_weightsCommitment_isTheFormulaOfTheDesign() public view {
        bytes32 tag = keccak256("weft.weights.v1");
        bytes32 row = keccak256(_row(UID));
        bytes memory words = abi.encode(tag, block.chainid, address(weights), UID + 1, uint256(5), row, SALT);
        vm.assertEq(weights.weightsCommitment(UID + 1, 5, _row(UID), SALT), keccak256(words));
    }

    function _expectCommitRevert(uint256 epoch, bytes memory reason) private {
        vm.prank(_hotkey(UID));
        vm.expectRevert(reason);
        weights.commitWeights(epoch, 0, DIGEST, SIZE);
    }

    function _expectRevealRevert(uint256 uid, bytes memory row, bytes memory reason) private {
        vm.prank(_hotkey(uid));
        vm.expectRevert(reason);
        weights.revealWeights(0, row, SALT);
    }

    function _expectWrongReveal(bytes memory row, bytes32 salt) private {
        bytes32 expected = weights.weightsCommitment(UID + 1, 0, _row(UID), SALT);
        bytes memory reason = _wrongReveal(expected, weights.weightsCommitment(UID + 1, 0, row, salt));
        vm.prank(_hotkey(UID));
        vm.expectRevert(reason);
        weights.revealWeights(0, row, salt);
    }

    function _wrongReveal(bytes32 expected, bytes32 given) private pure returns (bytes memory) {
        (bytes32 kept, bytes32 other) = (CommitWordLibrary.truncate(expected), CommitWordLibrary.truncate(given));
        return abi.encodeWithSelector(IWeightLedger.WrongReveal.selector, kept, other);
    }
}
