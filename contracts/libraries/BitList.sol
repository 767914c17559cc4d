// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Sets of uids as words, bit uid.
library BitList {
    /// @notice Positions of the set bits, ascending.
    function positions(uint256 word) internal pure returns (uint256[] memory list) {
        uint256 count = 0;
        // No overflow or underflow: at most 256 bits are counted, and a word that is not 0 is at least 1.
        unchecked {
            for (uint256 rest = word; rest != 0; rest &= rest - 1) ++count;
        }
        list = new uint256[](count);
        // memory-safe: `count` words are written, one per set bit, into the list allocated for as many.
        assembly ("memory-safe") {
            let to := add(list, 32)
            for {
                let position := 0
            } word {
                position := add(position, 1)
                word := shr(1, word)
            } {
                if and(word, 1) {
                    mstore(to, position)
                    to := add(to, 32)
                }
            }
        }
    }
}
