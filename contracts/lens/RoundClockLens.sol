// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundClockLens} from "../interfaces/IRoundClockLens.sol";
import {RoundClock, RoundClockLib} from "../libraries/RoundClock.sol";

/// @title RoundClockLens
contract RoundClockLens is IRoundClockLens {
    /// @inheritdoc IRoundClockLens
    function pack(Fields calldata fields) external pure override returns (RoundClock) {
        return
            RoundClockLib
                .pack(fields.genesis, fields.period, fields.commitSeconds, fields.revealSeconds, fields.tempo)
                .validate();
    }

    /// @inheritdoc IRoundClockLens
    function unpack(RoundClock clock) external pure override returns (Fields memory fields) {
        // The casts keep the widths that the clock's fields have in the word.
        fields.genesis = uint64(clock.genesis());
        fields.period = uint32(clock.period());
        fields.commitSeconds = uint32(clock.commitSeconds());
        fields.revealSeconds = uint32(clock.revealSeconds());
        fields.tempo = uint16(clock.tempo());
    }
}
