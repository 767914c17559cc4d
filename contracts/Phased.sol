// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPhased} from "./interfaces/IPhased.sol";
import {RoundClock} from "./libraries/RoundClock.sol";

/// @title Phased
abstract contract Phased is IPhased {
    /// @inheritdoc IPhased
    RoundClock public immutable override clock;

    constructor(RoundClock clock_) {
        clock = clock_;
    }

    /// Reverts unless `round` is the current one and its start lies at least `from`, less than `until` seconds back.
    function _requirePhase(uint256 round, uint256 from, uint256 until) internal view {
        uint256 offset = clock.offsetIn(round, block.timestamp);
        // `until` is at most the period: a time in this span is in the round.
        if (offset >= from && offset < until) return;
        uint256 current = clock.roundAt(block.timestamp);
        if (round != current) revert WrongRound(round, current);
        revert WrongPhase(offset, from, until);
    }
}
