// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One u16 per uid, fifteen in a word, lane uid mod 15 from bit 239 down, as big-endian bytes hold them. The top lane
/// of a written word is 1, so that a word once written is never zero and a later settlement opens no new storage slot.
library IncentiveLanes {
    uint256 private constant LANES = 15;
    uint256 private constant MARK = 1 << 240;

    /// @notice The value of `uid`.
    function valueOf(uint256[18] storage self, uint256 uid) internal view returns (uint256) {
        return (self[uid / LANES] >> _shift(uid)) & type(uint16).max;
    }

    /// @notice Sets the value of `uid` to 0. Leaves a word that was never written alone.
    function clear(uint256[18] storage self, uint256 uid) internal {
        self[uid / LANES] &= ~(uint256(type(uint16).max) << _shift(uid));
    }

    /// @notice Writes `packed`, big-endian u16 per uid from 0 on, at most 256 of them, an even number of bytes.
    function write(uint256[18] storage self, bytes calldata packed) internal {
        uint256 count = packed.length / 2;
        for (uint256 first = 0; first < count; first += LANES) {
            uint256 row;
            // What the call holds beyond `packed` is cut off below. No memory is touched.
            assembly ("memory-safe") {
                row := calldataload(add(packed.offset, shl(1, first)))
            }
            uint256 left = count - first;
            if (left < LANES) row &= ~(type(uint256).max >> (16 * left));
            self[first / LANES] = MARK | (row >> 16);
        }
    }

    function _shift(uint256 uid) private pure returns (uint256) {
        return 16 * (LANES - 1 - (uid % LANES));
    }
}
