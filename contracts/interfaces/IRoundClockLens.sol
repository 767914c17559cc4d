// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";

/// @title IRoundClockLens
/// @notice Reads and writes the packed word of a run's clock for those outside of Solidity. Holds nothing.
interface IRoundClockLens {
    /// @param genesis Unix seconds at which round 0 starts.
    /// @param period Seconds per round.
    /// @param commitSeconds End of the commit phase, seconds from the round's start.
    /// @param revealSeconds End of the reveal phase, seconds from the round's start.
    /// @param tempo Rounds per epoch.
    struct Fields {
        uint64 genesis;
        uint32 period;
        uint32 commitSeconds;
        uint32 revealSeconds;
        uint16 tempo;
    }

    /// @notice The word of a valid clock. Errors: RoundClockLib.InvalidClock.
    function pack(Fields calldata fields) external pure returns (RoundClock);

    /// @notice What stands in a clock's word.
    function unpack(RoundClock clock) external pure returns (Fields memory);
}
