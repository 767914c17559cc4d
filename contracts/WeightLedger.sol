// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IWeightLedger} from "./interfaces/IWeightLedger.sol";
import {CommitStatus, CommitWord, CommitWordLibrary} from "./libraries/CommitWord.sol";
import {RoundClock} from "./libraries/RoundClock.sol";

/// @title WeightLedger
contract WeightLedger is IWeightLedger {
    uint256 private constant MAX_ROW_BYTES = 2 * 256;
    /// Rounds of epoch + 1 in which a row is due.
    uint256 private constant COMMIT_ROUND = 0;
    uint256 private constant REVEAL_ROUND = 1;
    bytes32 private constant DOMAIN = keccak256("weft.weights.v1");

    IMetagraph private immutable metagraph;
    /// @inheritdoc IWeightLedger
    RoundClock public immutable override clock;

    mapping(address hotkey => CommitWord) private words;
    /// What stands revealed, by uid: a settlement needs no hotkeys, and a rotated one takes nothing away.
    CommitWord[256] private rows;

    constructor(IMetagraph metagraph_) {
        metagraph = metagraph_;
        clock = metagraph_.clock();
    }

    /// @inheritdoc IWeightLedger
    function commitWeights(uint256 epoch, bytes32 commitment, bytes32 logDigest, uint256 logSize) external override {
        _requireWindow(epoch, COMMIT_ROUND);
        (CommitStatus status, ) = words[msg.sender].stateAt(epoch);
        if (status != CommitStatus.None) revert AlreadyCommitted(epoch);

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
    function revealedRowHash(uint256 uid, uint256 epoch) external view override returns (bytes32 hash) {
        if (uid < rows.length) (, hash) = rows[uid].stateAt(epoch);
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
        uint256 round = clock.roundAt(block.timestamp);
        uint256 expected = (epoch + 1) * clock.tempo() + roundOfEpoch;
        if (round != expected) revert WrongWindow(epoch, round, expected);
    }
}
