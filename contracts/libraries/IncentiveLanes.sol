// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One u16 per uid, fifteen in a word, lane uid mod 15 from the lowest bits. The top lane of a written word is 1,
/// so that a word once written is never zero and a later settlement opens no new storage slot.
library IncentiveLanes {
    uint256 private constant LANES = 15;
    uint256 private constant MARK = 1 << 240;

    /// @notice The value of `uid`.
    function valueOf(uint256[18] storage self, uint256 uid) internal view returns (uint256) {
        return (self[uid / LANES] >> (16 * (uid % LANES))) & type(uint16).max;
    }

    /// @notice Sets the value of `uid` to 0. Leaves a word that was never written alone.
    function clear(uint256[18] storage self, uint256 uid) internal {
        self[uid / LANES] &= ~(uint256(type(uint16).max) << (16 * (uid % LANES)));
    }

    /// @notice Writes `packed`, big-endian u16 per uid from 0 on, at most 256 of them.
    function write(uint256[18] storage self, bytes calldata packed) internal {
        uint256 count = packed.length / 2;
        for (uint256 first = 0; first < count; first += LANES) {
            uint256 lanes = count - first < LANES ? count - first : LANES;
            uint256 row;
            // Up to fifteen u16, the first in the highest bits; what calldata does not hold reads as 0. No memory is touched.
            assembly ("memory-safe") {
                row := calldataload(add(packed.offset, shl(1, first)))
            }
            uint256 word = MARK;
            for (uint256 lane = 0; lane < lanes; ++lane) {
                word |= ((row >> (240 - 16 * lane)) & type(uint16).max) << (16 * lane);
            }
            self[first / LANES] = word;
        }
    }
}
