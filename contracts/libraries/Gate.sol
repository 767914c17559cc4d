// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An entrance that can be closed for a while (a pause) and for good, in one word of Unix seconds. From the lowest
/// bits: pausedUntil u48 | pausedFrom u48 | earlierUntil u48 | earlierFrom u48 | closesAt u64. Closed in
/// [pausedFrom, pausedUntil) and from `closesAt` on (0: never). The pause before is kept for who judges the past.
type Gate is uint256;

using GateLib for Gate global;

/// @notice Arithmetic of a `Gate`. Pure: the caller stores the result. Times are below 2^48, which seconds since 1970 pass in
/// nine million years.
library GateLib {
    /// @notice The entrance is closed until `until` (Unix seconds).
    error Paused(uint256 until);

    /// @notice The entrance was closed for good at `closedAt` (Unix seconds).
    error Closed(uint256 closedAt);

    uint256 private constant TIME = type(uint48).max;
    uint256 private constant CLOSES = 192;

    /// @notice Reverts `Paused` or `Closed` unless the entrance is open at `time`.
    function requireOpen(Gate self, uint256 time) internal pure {
        uint256 word = Gate.unwrap(self);
        if (word == 0) return; // never paused, no end announced: what each commitment finds
        if (time < word & TIME) revert Paused(word & TIME);
        uint256 closedAt = word >> CLOSES;
        if (closedAt != 0 && time >= closedAt) revert Closed(closedAt);
    }

    /// @notice The gate closed from `time` to `until`. A pause that still runs is prolonged or shortened.
    function paused(Gate self, uint256 time, uint256 until) internal pure returns (Gate) {
        uint256 word = Gate.unwrap(self);
        if (time < word & TIME) return Gate.wrap((word & ~TIME) | until);
        uint256 earlier = word & ((1 << 96) - 1);
        return Gate.wrap(((word >> CLOSES) << CLOSES) | (earlier << 96) | (time << 48) | until);
    }

    /// @notice The gate that closes for good at `time`.
    function closing(Gate self, uint256 time) internal pure returns (Gate) {
        return Gate.wrap((Gate.unwrap(self) & ((1 << CLOSES) - 1)) | (time << CLOSES));
    }

    /// @notice Unix seconds until which the entrance is closed; in the past when it is open.
    function pausedUntil(Gate self) internal pure returns (uint256) {
        return Gate.unwrap(self) & TIME;
    }

    /// @notice Whether the entrance was paused at any time in [from, to), or may have been: of what lies before the two
    /// pauses that are kept, nothing is known.
    function pausedDuring(Gate self, uint256 from, uint256 to) internal pure returns (bool) {
        uint256 word = Gate.unwrap(self);
        if ((word >> 48) & TIME < to && from < word & TIME) return true;
        return from < (word >> 96) & TIME;
    }
}
