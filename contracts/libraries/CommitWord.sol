// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

enum CommitStatus {
    None,
    Committed,
    Revealed,
    /// Never revealed, and answered for.
    Punished
}

/// A commitment in one storage word: period (round or epoch) in bits 224–255, `CommitStatus` in 216–223, the upper 216
/// bits of a hash in 0–215. 216 bits leave 2^108 work for a collision and 2^216 for a second preimage.
type CommitWord is uint256;

using CommitWordLibrary for CommitWord global;

/// @title CommitWordLibrary
/// @notice Packing of `CommitWord`.
library CommitWordLibrary {
    uint256 private constant HASH_BITS = 216;

    /// @dev `period` comes from the clock, whose rounds fit 32 bits for as long as block time fits u32 · period.
    function pack(uint256 period, CommitStatus status, bytes32 hash) internal pure returns (CommitWord) {
        return CommitWord.wrap((period << 224) | (uint256(status) << HASH_BITS) | (uint256(hash) >> 40));
    }

    /// @notice Status and hash, both zero unless the word is of `period`.
    function stateAt(CommitWord word, uint256 period) internal pure returns (CommitStatus status, bytes32 hash) {
        uint256 raw = CommitWord.unwrap(word);
        if (raw >> 224 != period) return (CommitStatus.None, 0);
        // A word is written by `pack` alone, so that the byte is one of the enum's; a fresh word reads None.
        return (CommitStatus(uint8(raw >> HASH_BITS)), bytes32(raw << 40));
    }

    /// @notice The period the word is of and its status, whatever period is asked for; 0 and `None` for a fresh word.
    function header(CommitWord word) internal pure returns (uint256 period, CommitStatus status) {
        uint256 raw = CommitWord.unwrap(word);
        return (raw >> 224, CommitStatus(uint8(raw >> HASH_BITS)));
    }

    /// @notice Whether the word holds a commitment of `period`, whatever became of it.
    function isOf(CommitWord word, uint256 period) internal pure returns (bool) {
        return CommitWord.unwrap(word) >> 224 == period && CommitWord.unwrap(word) != 0;
    }

    /// @notice Whether the word holds a commitment that was not revealed, of whatever period.
    function isUnrevealed(CommitWord word) internal pure returns (bool) {
        return uint8(CommitWord.unwrap(word) >> HASH_BITS) == uint8(CommitStatus.Committed);
    }

    /// @notice The word with another status.
    function withStatus(CommitWord word, CommitStatus status) internal pure returns (CommitWord) {
        uint256 cleared = CommitWord.unwrap(word) & ~(uint256(type(uint8).max) << HASH_BITS);
        return CommitWord.wrap(cleared | (uint256(status) << HASH_BITS));
    }

    /// @notice The part of a hash that a word keeps: its upper 216 bits.
    function truncate(bytes32 hash) internal pure returns (bytes32) {
        return (hash >> 40) << 40;
    }
}
