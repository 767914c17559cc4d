// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";

/// @title IPhased
/// @notice A contract whose calls are due in one phase of the current round.
interface IPhased {
    error WrongRound(uint256 given, uint256 current);
    /// The call came `offset` seconds after the round's start, outside of `[from, until)`.
    error WrongPhase(uint256 offset, uint256 from, uint256 until);

    function clock() external view returns (RoundClock);
}
