// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IGated: an entrance that a guardian may close for a while
/// @notice Only what lets somebody or something in is behind the gate: never a reveal, an attestation, a settlement, a
/// withdrawal or a claim. Errors of what is behind it: `GateLib.Paused`, `GateLib.Closed`.
interface IGated {
    /// @notice A pause would end at `until`, after `latest`, or not after now.
    error PauseOutOfBounds(uint256 until, uint256 latest);

    /// @notice The entrance is not paused.
    error NotPaused();

    /// @notice `account` closed the entrance until `until` (Unix seconds).
    event Paused(address account, uint256 until);

    /// @notice `account` opened the entrance before the pause was over.
    event Unpaused(address account);

    /// @notice Closes the entrance from now until `until`, at most `MAX_PAUSE` from now; a running pause is set anew.
    /// Only the guardian's role (`AccessManagedUnauthorized`). Errors: `PauseOutOfBounds`.
    function pause(uint256 until) external;

    /// @notice Ends the pause. Only the guardian's role. Errors: `NotPaused`.
    function unpause() external;

    /// @notice Unix seconds until which the entrance is closed; in the past when it is open.
    function pausedUntil() external view returns (uint256);

    /// @notice Whether the entrance was paused in [from, to), Unix seconds. The two latest pauses are kept: true for every
    /// time before the end of the earlier one.
    function pausedDuring(uint256 from, uint256 to) external view returns (bool);

    /// @notice Longest pause in seconds.
    function MAX_PAUSE() external view returns (uint256);
}
