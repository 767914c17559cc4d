// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommitStatus, CommitWord, CommitWordLibrary} from "../contracts/libraries/CommitWord.sol";
import {IncentiveLanes} from "../contracts/libraries/IncentiveLanes.sol";
import {PermitRing} from "../contracts/libraries/PermitRing.sol";
import {TotalLanes} from "../contracts/libraries/TotalLanes.sol";
import {UidSlots} from "../contracts/libraries/UidSlots.sol";

/// @notice Properties of packed words, whatever the storage held before.
contract LanesProof {
    using IncentiveLanes for uint256[18];
    using UidSlots for uint256[64];

    uint256[64] private _uids;
    uint256[18] private _incentives;
    PermitRing private _ring;

    /// @notice A commitment reads back in its period.
    function commitReadsBack(uint32 period, uint8 status, bytes32 hash) external pure {
        require(status <= 2);
        CommitWord word = CommitWordLibrary.pack(period, CommitStatus(status), hash);
        (CommitStatus read, bytes32 kept) = word.stateAt(period);
        assert(uint8(read) == status);
        assert(kept == CommitWordLibrary.truncate(hash));
    }

    /// @notice A commitment reads as none in any other period.
    function commitOfAnotherPeriod(uint32 period, uint8 status, bytes32 hash, uint256 other) external pure {
        require(status <= 2 && other != period);
        (CommitStatus read, bytes32 kept) = CommitWordLibrary.pack(period, CommitStatus(status), hash).stateAt(other);
        assert(read == CommitStatus.None && kept == 0);
    }

    /// @notice A uid's holder reads back, and no other uid's changes.
    function uidLanes(uint8 uid, uint8 other, uint40 neuronId, uint32 epoch) external {
        require(neuronId < 1 << 36 && epoch < 1 << 28);
        (uint256 idBefore, uint256 epochBefore) = _uids.holderOf(other);
        _uids.put(uid, neuronId, epoch);
        (uint256 id, uint256 registered) = _uids.holderOf(uid);
        assert(id == neuronId && registered == epoch);
        (id, registered) = _uids.holderOf(other);
        assert(other == uid || (id == idBefore && registered == epochBefore));
    }

    /// @notice Clearing a uid's incentive leaves every other one alone.
    function incentiveLanes(uint8 uid, uint8 other) external {
        uint256 before = _incentives.valueOf(other);
        _incentives.clear(uid);
        assert(_incentives.valueOf(uid) == 0);
        assert(other == uid || _incentives.valueOf(other) == before);
    }

    /// @notice Clearing leaves a word that was written different from zero.
    function incentiveMark(uint8 uid) external {
        require(_incentives[uid / 15] >> 240 == 1);
        _incentives.clear(uid);
        assert(_incentives[uid / 15] >> 240 == 1);
    }

    /// @notice A neuron's total grows by what is added, and no other one's changes.
    function totalLanes(uint256 word, uint8 neuronId, uint8 other, uint128 amount) external pure {
        uint256 total = TotalLanes.totalIn(word, neuronId);
        require(total + amount < 1 << 85);
        uint256 next = TotalLanes.added(word, neuronId, amount);
        assert(TotalLanes.totalIn(next, neuronId) == total + amount);
        assert(neuronId % 3 == other % 3 || TotalLanes.totalIn(next, other) == TotalLanes.totalIn(word, other));
    }

    /// @notice Permits read back from their epoch on.
    function permitsReadBack(uint32 fromEpoch, uint256 word, uint32 later) external {
        require(later >= fromEpoch && _ring.meta >> 160 < type(uint64).max);
        _ring.set(fromEpoch, word);
        assert(_ring.wordAt(later) == word);
    }

    /// @notice Setting permits leaves those of every earlier epoch that is kept alone. Four epochs are kept.
    function permitsBefore(uint32 fromEpoch, uint256 word, uint32 earlier) external {
        uint256 meta = _ring.meta;
        uint256 pushed = meta >> 160;
        require(earlier < fromEpoch && pushed < type(uint64).max);
        require(pushed == 0 || uint32(meta) <= fromEpoch); // writes take effect in the newest epoch or later
        // The third newest entry already covers `earlier`, so that it stays within four.
        require(pushed <= 3 || uint32(meta >> 64) <= earlier);
        uint256 before = _ring.wordAt(earlier);
        _ring.set(fromEpoch, word);
        assert(_ring.wordAt(earlier) == before);
    }
}
