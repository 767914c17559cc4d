// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The periods (rounds or epochs) whose commitment was overwritten before it was revealed: the last eight, newest
/// in the lowest lane of u32, each as period + 1, 0 where there is none.
type FaultBook is uint256;

using FaultBookLib for FaultBook global;

/// @notice Operations on a `FaultBook`. Pure: the caller stores the result.
library FaultBookLib {
    uint256 private constant LANE_BITS = 32;
    uint256 private constant LANE = type(uint32).max;

    /// @notice The book with `period` < 2^32 − 1 in it; the oldest of eight leaves.
    function add(FaultBook self, uint256 period) internal pure returns (FaultBook) {
        return FaultBook.wrap((FaultBook.unwrap(self) << LANE_BITS) | (period + 1));
    }

    /// @notice The book without `period`, and whether it was there.
    function remove(FaultBook self, uint256 period) internal pure returns (FaultBook book, bool found) {
        uint256 raw = FaultBook.unwrap(self);
        for (uint256 shift = 0; shift < 256; shift += LANE_BITS) {
            if ((raw >> shift) & LANE != period + 1) continue;
            return (FaultBook.wrap(raw & ~(LANE << shift)), true);
        }
        return (self, false);
    }

    /// @notice The latest period in the book, and whether there is one.
    function latest(FaultBook self) internal pure returns (uint256 period, bool any) {
        for (uint256 raw = FaultBook.unwrap(self); raw != 0; raw >>= LANE_BITS) {
            if (raw & LANE != 0) return ((raw & LANE) - 1, true);
        }
    }
}
