// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {CommitStatus, CommitWord} from "./libraries/CommitWord.sol";
import {FaultBook} from "./libraries/FaultBook.sol";
import {Gated} from "./Gated.sol";
import {Linked} from "./Linked.sol";

/// @title FaultLedger
abstract contract FaultLedger is IFaultLedger, Gated, Linked {
    /// @dev `tag` is the period + 1. One word.
    struct Tally {
        uint64 tag;
        uint64 commits;
        uint64 reveals;
    }

    uint256 private constant KEPT_TALLIES = 64;
    /// @dev Stake that backed a fault in epoch e is released at the start of epoch e + 3 at the earliest.
    uint256 internal constant EVIDENCE_EPOCHS = 3;

    IMetagraph internal immutable metagraph;

    /// @inheritdoc IFaultLedger
    address public slashing;

    mapping(address hotkey => FaultBook) private _books;
    Tally[KEPT_TALLIES] private _tallies;

    constructor(IMetagraph metagraph_) {
        metagraph = metagraph_;
    }

    /// @inheritdoc IFaultLedger
    function link(address slashing_) external {
        _linkOnce();
        slashing = _contractAt(slashing_);
        emit FaultLedgerLinked(slashing_);
    }

    /// @inheritdoc IFaultLedger
    function tally(uint256 period) external {
        // Beyond u32 there are no words; the times of such a period would overflow.
        if (period > type(uint32).max) revert TallyNotDue(period, type(uint256).max, type(uint256).max);
        (uint256 from, uint256 until) = _tallyWindow(period);
        if (block.timestamp < from || block.timestamp >= until) revert TallyNotDue(period, from, until);
        address[] memory hotkeys = metagraph.hotkeysOf(_countedUids(period));
        uint64 commits;
        uint64 reveals;
        for (uint256 i = 0; i < hotkeys.length; ++i) {
            if (hotkeys[i] == address(0)) continue;
            (CommitStatus status, ) = _wordOf(hotkeys[i], period).stateAt(period);
            if (status == CommitStatus.None) continue;
            ++commits;
            if (status == CommitStatus.Revealed) ++reveals;
        }
        _tallies[period % KEPT_TALLIES] = Tally(uint64(period + 1), commits, reveals); // safe: the window bounds the period
        emit Tallied(period, commits, reveals);
    }

    /// @inheritdoc IFaultLedger
    function takeFault(address hotkey, uint256 period) external {
        if (msg.sender != slashing) revert NotSlashing(msg.sender, slashing);
        _requireFaults(period);
        CommitWord word = _wordOf(hotkey, period);
        (CommitStatus status, ) = word.stateAt(period);
        if (status == CommitStatus.Committed) {
            _storeWord(hotkey, period, word.withStatus(CommitStatus.Punished));
        } else {
            (FaultBook book, bool found) = _books[hotkey].remove(period);
            if (!found) revert NoFault(hotkey, period);
            _books[hotkey] = book;
        }
        emit FaultTaken(period, hotkey);
    }

    /// @dev Reverts unless a missed reveal of the period is a fault that counts now. A tally there is says that the time to
    /// reveal is over.
    function _requireFaults(uint256 period) private view {
        Tally memory t = _tallies[period % KEPT_TALLIES];
        if (t.tag != period + 1) revert NotTallied(period);
        if (2 * t.reveals < t.commits) revert Outage(period, t.commits, t.reveals);
        (uint256 from, uint256 to) = _span(period);
        if (_gate.pausedDuring(from, to)) revert PausedDuring(period);
        uint256 until = evidenceUntil(period);
        if (block.timestamp >= until) revert EvidenceTooLate(period, until);
    }

    /// @inheritdoc IFaultLedger
    function tallyOf(uint256 period) external view returns (bool tallied, uint256 commits, uint256 reveals) {
        Tally memory t = _tallies[period % KEPT_TALLIES];
        if (t.tag == period + 1) return (true, t.commits, t.reveals);
    }

    /// @inheritdoc IFaultLedger
    function openCommitOf(address hotkey) external view returns (bool) {
        (uint256 period, bool any) = _books[hotkey].latest();
        return (any && block.timestamp < evidenceUntil(period)) || _hasOpenWord(hotkey);
    }

    /// @inheritdoc IFaultLedger
    function evidenceUntil(uint256 period) public view virtual returns (uint256);

    /// @dev Books the fault of a word that a commitment for `next` is about to take over, if there is one. Returns whether the
    /// word is of `next` already.
    function _bookFault(address hotkey, CommitWord overwritten, uint256 next) internal returns (bool) {
        if (overwritten.isOf(next)) return true;
        if (!overwritten.isUnrevealed()) return false;
        (uint256 period, ) = overwritten.header();
        _books[hotkey] = _books[hotkey].add(period);
        emit FaultBooked(period, hotkey);
        return false;
    }

    /// @dev Whether the word holds a commitment that its hotkey must still answer for.
    function _isOpen(CommitWord word) internal view returns (bool) {
        (uint256 period, CommitStatus status) = word.header();
        return status == CommitStatus.Committed && block.timestamp < evidenceUntil(period);
    }

    /// @dev Whether any word of the hotkey `_isOpen`.
    function _hasOpenWord(address hotkey) internal view virtual returns (bool);

    /// @dev The word that the hotkey's commitment of the period lies in.
    function _wordOf(address hotkey, uint256 period) internal view virtual returns (CommitWord);

    function _storeWord(address hotkey, uint256 period, CommitWord word) internal virtual;

    /// @dev Bit uid: counts in a tally of the period.
    function _countedUids(uint256 period) internal view virtual returns (uint256);

    /// @dev Unix seconds: from the end of the time to reveal until the period's words may be reused.
    function _tallyWindow(uint256 period) internal view virtual returns (uint256 from, uint256 until);

    /// @dev Unix seconds between which the period's commitments are made and revealed.
    function _span(uint256 period) internal view virtual returns (uint256 from, uint256 to);
}
