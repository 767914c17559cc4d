// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IUpdateLedger} from "./interfaces/IUpdateLedger.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {CommitStatus, CommitWord, CommitWordLibrary} from "./libraries/CommitWord.sol";
import {Phased} from "./Phased.sol";

/// @title UpdateLedger
contract UpdateLedger is IUpdateLedger, Phased {
    uint256 private constant RING = 4;
    /// No content beyond 4 GiB: the largest model of this design compresses to less.
    uint256 private constant MAX_UPDATE_BYTES = 1 << 32;
    bytes32 private constant DOMAIN = keccak256("weft.update.v1");

    IMetagraph private immutable metagraph;
    /// @inheritdoc IUpdateLedger
    uint256 public immutable override maxUpdateBytes;

    mapping(address hotkey => CommitWord[RING]) private rings;

    constructor(IMetagraph metagraph_, uint256 maxUpdateBytes_) Phased(metagraph_.clock()) {
        metagraph = metagraph_;
        maxUpdateBytes = Bounds.check("maxUpdateBytes", maxUpdateBytes_, 1, MAX_UPDATE_BYTES);
    }

    /// @inheritdoc IUpdateLedger
    function commitUpdate(
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 commitment
    ) external override {
        _requirePhase(round, 0, clock.commitSeconds());
        if (size == 0 || size > maxUpdateBytes) revert SizeOutOfBounds(size, maxUpdateBytes);
        (CommitStatus status, ) = rings[msg.sender][round % RING].stateAt(round);
        if (status != CommitStatus.None) revert AlreadyCommitted(round);

        bytes32 bound = _bind(commitment, digest, size, dataRoot);
        rings[msg.sender][round % RING] = CommitWordLibrary.pack(round, CommitStatus.Committed, bound);
        emit UpdateCommitted(round, msg.sender, digest, size, dataRoot);
    }

    /// @inheritdoc IUpdateLedger
    function revealUpdate(
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    ) external override {
        _requirePhase(round, clock.commitSeconds(), clock.revealSeconds());
        (uint256 neuronId, uint256 uid) = metagraph.neuronOfHotkey(msg.sender);
        (CommitStatus status, bytes32 expected) = rings[msg.sender][round % RING].stateAt(round);
        if (status == CommitStatus.None) revert NoCommitment(round);
        if (status == CommitStatus.Revealed) revert AlreadyRevealed(round);
        bytes32 commitment = updateCommitment(neuronId, round, digest, size, dataRoot, salt);
        bytes32 bound = _bind(commitment, digest, size, dataRoot);
        bytes32 given = CommitWordLibrary.truncate(bound);
        if (given != expected) revert WrongReveal(expected, given);

        rings[msg.sender][round % RING] = CommitWordLibrary.pack(round, CommitStatus.Revealed, bound);
        emit UpdateRevealed(round, neuronId, uid, digest, size, salt);
    }

    /// @inheritdoc IUpdateLedger
    function commitmentOf(
        address hotkey,
        uint256 round
    ) external view override returns (CommitStatus status, bytes32 hash) {
        return rings[hotkey][round % RING].stateAt(round);
    }

    /// @inheritdoc IUpdateLedger
    function updateCommitment(
        uint256 neuronId,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    ) public view override returns (bytes32) {
        return
            keccak256(abi.encode(DOMAIN, block.chainid, address(this), neuronId, round, digest, size, dataRoot, salt));
    }

    /// What is kept: a commitment with what was announced beside it, so that no other content can be revealed.
    function _bind(bytes32 commitment, bytes32 digest, uint256 size, bytes32 dataRoot) private pure returns (bytes32) {
        return keccak256(abi.encode(commitment, digest, size, dataRoot));
    }
}
