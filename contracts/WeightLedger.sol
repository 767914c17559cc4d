// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IWeightLedger} from "./interfaces/IWeightLedger.sol";
import {CommitStatus, CommitWord, CommitWordLibrary} from "./libraries/CommitWord.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {FaultLedger} from "./FaultLedger.sol";

/// @title WeightLedger
contract WeightLedger is IWeightLedger, FaultLedger {
    uint256 private constant MAX_ROW_BYTES = 2 * 256;
    /// Rounds of epoch + 1 in which a row is due.
    uint256 private constant COMMIT_ROUND = 0;
    uint256 private constant REVEAL_ROUND = 1;
    bytes32 private constant DOMAIN = keccak256("weft.weights.v1");

    /// @inheritdoc IWeightLedger
    RoundClock public immutable override clock;

    mapping(address hotkey => CommitWord) private words;
    /// What stands revealed, by uid: a settlement needs no hotkeys, and a rotated one takes nothing away.
    CommitWord[256] private rows;

    constructor(IMetagraph metagraph_, address authority) FaultLedger(metagraph_) AccessManaged(authority) {
        clock = metagraph_.clock();
    }

    /// @inheritdoc IWeightLedger
    function commitWeights(
        uint256 epoch,
        bytes32 commitment,
        bytes32 logDigest,
        uint256 logSize
    ) external override whenOpen {
        _requireWindow(epoch, COMMIT_ROUND);
        if (_bookFault(msg.sender, words[msg.sender], epoch)) revert AlreadyCommitted(epoch);
        words[msg.sender] = CommitWordLibrary.pack(epoch, CommitStatus.Committed, commitment);
        emit WeightsCommitted(epoch, msg.sender, commitment, logDigest, logSize);
    }

    /// @inheritdoc IWeightLedger
    function revealWeights(uint256 epoch, bytes calldata row, bytes32 salt) external override {
        _requireWindow(epoch, REVEAL_ROUND);
        if (row.length % 2 != 0 || row.length > MAX_ROW_BYTES) revert BadRowLength(row.length);
        // A uid with a permit of the previous epoch is not replaced, so that the permit is this neuron's own.
        (uint256 neuronId, uint256 uid) = metagraph.permittedNeuronOf(msg.sender, epoch);
        (CommitStatus status, bytes32 expected) = words[msg.sender].stateAt(epoch);
        if (status == CommitStatus.None) revert NoCommitment(epoch);
        if (status == CommitStatus.Revealed) revert AlreadyRevealed(epoch);
        bytes32 given = CommitWordLibrary.truncate(weightsCommitment(neuronId, epoch, row, salt));
        if (given != expected) revert WrongReveal(expected, given);

        CommitWord revealed = CommitWordLibrary.pack(epoch, CommitStatus.Revealed, keccak256(row));
        words[msg.sender] = revealed;
        rows[uid] = revealed;
        emit WeightsRevealed(epoch, neuronId, uid, row);
    }

    /// @inheritdoc IWeightLedger
    function commitmentOf(
        address hotkey,
        uint256 epoch
    ) external view override returns (CommitStatus status, bytes32 hash) {
        return words[hotkey].stateAt(epoch);
    }

    /// @inheritdoc IWeightLedger
    function revealedRowHash(uint256 uid, uint256 epoch) public view override returns (bytes32 hash) {
        if (uid < rows.length) (, hash) = rows[uid].stateAt(epoch);
    }

    /// @inheritdoc IWeightLedger
    function revealedRowHashes(
        uint256[] calldata uids,
        uint256 epoch
    ) external view override returns (bytes32[] memory hashes) {
        hashes = new bytes32[](uids.length);
        for (uint256 i = 0; i < hashes.length; ++i) hashes[i] = revealedRowHash(uids[i], epoch);
    }

    /// @inheritdoc IWeightLedger
    function weightsCommitment(
        uint256 neuronId,
        uint256 epoch,
        bytes calldata row,
        bytes32 salt
    ) public view override returns (bytes32) {
        return keccak256(abi.encode(DOMAIN, block.chainid, address(this), neuronId, epoch, keccak256(row), salt));
    }

    function _requireWindow(uint256 epoch, uint256 roundOfEpoch) private view {
        if (epoch >> 64 == 0) {
            // No overflow: the epoch is below 2^64, the tempo below 2^16.
            unchecked {
                uint256 due = (epoch + 1) * clock.tempo() + roundOfEpoch;
                if (clock.offsetIn(due, block.timestamp) < clock.period()) return;
            }
        }
        uint256 expected = (epoch + 1) * clock.tempo() + roundOfEpoch;
        revert WrongWindow(epoch, clock.roundAt(block.timestamp), expected);
    }

    /// @inheritdoc IFaultLedger
    function evidenceUntil(uint256 epoch) public view override(FaultLedger, IFaultLedger) returns (uint256) {
        return clock.epochStart(epoch + 1 + EVIDENCE_EPOCHS);
    }

    function _hasOpenWord(address hotkey) internal view override returns (bool) {
        return _isOpen(words[hotkey]);
    }

    function _wordOf(address hotkey, uint256) internal view override returns (CommitWord) {
        return words[hotkey];
    }

    function _storeWord(address hotkey, uint256, CommitWord word) internal override {
        words[hotkey] = word;
    }

    function _countedUids(uint256 epoch) internal view override returns (uint256) {
        return metagraph.permitsAt(epoch);
    }

    function _tallyWindow(uint256 epoch) internal view override returns (uint256 from, uint256 until) {
        (, from) = _span(epoch);
        return (from, clock.epochStart(epoch + 2));
    }

    function _span(uint256 epoch) internal view override returns (uint256 from, uint256 to) {
        uint256 first = (epoch + 1) * clock.tempo();
        return (clock.start(first + COMMIT_ROUND), clock.start(first + REVEAL_ROUND + 1));
    }
}
