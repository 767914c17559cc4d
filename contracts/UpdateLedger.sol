// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IUpdateLedger} from "./interfaces/IUpdateLedger.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {CommitStatus, CommitWord, CommitWordLibrary} from "./libraries/CommitWord.sol";
import {FaultLedger} from "./FaultLedger.sol";
import {Phased} from "./Phased.sol";

/// @title UpdateLedger
contract UpdateLedger is IUpdateLedger, Phased, FaultLedger {
    uint256 private constant RING = 4;
    /// No content beyond 4 GiB: the largest model of this design compresses to less.
    uint256 private constant MAX_UPDATE_BYTES = 1 << 32;
    bytes32 private constant DOMAIN = keccak256("weft.update.v1");

    /// @inheritdoc IUpdateLedger
    uint256 public immutable override maxUpdateBytes;

    mapping(address hotkey => CommitWord[RING]) private rings;

    constructor(
        IMetagraph metagraph_,
        uint256 maxUpdateBytes_,
        address authority
    ) Phased(metagraph_.clock()) FaultLedger(metagraph_) AccessManaged(authority) {
        maxUpdateBytes = Bounds.check("maxUpdateBytes", maxUpdateBytes_, 1, MAX_UPDATE_BYTES);
    }

    /// @inheritdoc IUpdateLedger
    function close(uint256 from) external override restricted {
        if (from <= block.timestamp || from > type(uint48).max) revert CloseOutOfBounds(from, block.timestamp);
        _gate = _gate.closing(from);
        emit Closing(from);
    }

    /// @inheritdoc IUpdateLedger
    function commitUpdate(uint256 round, bytes32 digest, uint256 size, bytes32 commitment) external override whenOpen {
        _requirePhase(round, 0, clock.commitSeconds());
        // No size at all wraps to the largest, which is out of bounds too.
        unchecked {
            if (size - 1 >= maxUpdateBytes) revert SizeOutOfBounds(size, maxUpdateBytes);
        }
        CommitWord[RING] storage ring = rings[msg.sender];
        uint256 slot = round % RING;
        if (_bookFault(msg.sender, ring[slot], round)) revert AlreadyCommitted(round);
        ring[slot] = CommitWordLibrary.pack(round, CommitStatus.Committed, _bind(commitment, digest, size));
        emit UpdateCommitted(round, msg.sender, digest, size);
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
        // Punished: not within its round, whose tally opens after the reveal phase.
        bytes32 given = _kept(neuronId, round, digest, size, dataRoot, salt);
        if (given != expected) revert WrongReveal(expected, given);

        rings[msg.sender][round % RING] = CommitWordLibrary.pack(round, CommitStatus.Revealed, given);
        emit UpdateRevealed(round, neuronId, uid, digest, size, dataRoot, salt);
    }

    /// @inheritdoc IUpdateLedger
    function commitmentOf(
        address hotkey,
        uint256 round
    ) external view override returns (CommitStatus status, bytes32 hash) {
        return rings[hotkey][round % RING].stateAt(round);
    }

    /// @inheritdoc IUpdateLedger
    function isRevealed(
        address hotkey,
        uint256 neuronId,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    ) external view override returns (bool) {
        (CommitStatus status, bytes32 kept) = rings[hotkey][round % RING].stateAt(round);
        return status == CommitStatus.Revealed && kept == _kept(neuronId, round, digest, size, dataRoot, salt);
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

    /// What the word of an update's commitment keeps: see `_bind`.
    function _kept(
        uint256 neuronId,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    ) private view returns (bytes32) {
        bytes32 commitment = updateCommitment(neuronId, round, digest, size, dataRoot, salt);
        return CommitWordLibrary.truncate(_bind(commitment, digest, size));
    }

    /// What is kept: a commitment with what was announced beside it, so that no other content can be revealed.
    function _bind(bytes32 commitment, bytes32 digest, uint256 size) private pure returns (bytes32 hash) {
        // keccak256(abi.encode(commitment, digest, size)) in memory that nothing else uses yet and nothing needs to keep.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, commitment)
            mstore(add(free, 32), digest)
            mstore(add(free, 64), size)
            hash := keccak256(free, 96)
        }
    }

    /// @inheritdoc IFaultLedger
    function evidenceUntil(uint256 round) public view override(FaultLedger, IFaultLedger) returns (uint256) {
        return clock.epochStart(clock.epochOf(round) + EVIDENCE_EPOCHS);
    }

    function _hasOpenWord(address hotkey) internal view override returns (bool) {
        for (uint256 i = 0; i < RING; ++i) {
            if (_isOpen(rings[hotkey][i])) return true;
        }
        return false;
    }

    function _wordOf(address hotkey, uint256 round) internal view override returns (CommitWord) {
        return rings[hotkey][round % RING];
    }

    function _storeWord(address hotkey, uint256 round, CommitWord word) internal override {
        rings[hotkey][round % RING] = word;
    }

    function _countedUids(uint256) internal pure override returns (uint256) {
        return type(uint256).max;
    }

    function _tallyWindow(uint256 round) internal view override returns (uint256 from, uint256 until) {
        return (clock.start(round) + clock.revealSeconds(), clock.start(round + RING));
    }

    function _span(uint256 round) internal view override returns (uint256 from, uint256 to) {
        return (clock.start(round), clock.start(round + 1));
    }
}
