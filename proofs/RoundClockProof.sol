// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Phase, RoundClock, RoundClockLib} from "../contracts/libraries/RoundClock.sol";

/// @notice Properties of `RoundClock` for every valid clock and every time below 2^64.
contract RoundClockProof {
    /// @notice Packing loses nothing.
    function packing(uint64 genesis, uint32 period, uint32 commit, uint32 reveal, uint16 tempo) external pure {
        RoundClock clock = RoundClockLib.pack(genesis, period, commit, reveal, tempo);
        assert(clock.genesis() == genesis);
        assert(clock.period() == period);
        assert(clock.commitSeconds() == commit);
        assert(clock.revealSeconds() == reveal);
        assert(clock.tempo() == tempo);
        assert(clock.epochSeconds() == uint256(period) * tempo);
    }

    /// @notice `validate` passes every word that its documentation calls a clock.
    function validPasses(uint64 genesis, uint32 period, uint32 commit, uint32 reveal, uint16 tempo) external pure {
        require(genesis > 0 && commit > 0 && commit < reveal && reveal < period && tempo >= 3);
        RoundClockLib.pack(genesis, period, commit, reveal, tempo).validate();
    }

    /// @notice What `validate` lets pass is a clock.
    function passedIsValid(uint256 word) external pure {
        RoundClock clock = RoundClock.wrap(word).validate();
        assert(RoundClock.unwrap(clock) == word && word >> 176 == 0);
        assert(clock.genesis() > 0 && clock.tempo() >= 3);
        assert(clock.commitSeconds() > 0 && clock.commitSeconds() < clock.revealSeconds());
        assert(clock.revealSeconds() < clock.period());
    }

    /// @notice Every time from genesis on lies in exactly one round.
    function oneRound(uint64 genesis, uint32 period, uint64 time, uint64 other) external pure {
        require(period > 0 && time >= genesis);
        RoundClock clock = RoundClockLib.pack(genesis, period, 0, 0, 0);
        uint256 round = clock.roundAt(time);
        assert(clock.start(round) <= time);
        assert(time < clock.start(round + 1));
        if (clock.start(other) <= time && time < clock.start(uint256(other) + 1)) assert(other == round);
    }

    /// @notice Every time from genesis on lies in exactly one phase: the one that its offset says.
    function onePhase(uint64 genesis, uint32 period, uint32 commit, uint32 reveal, uint64 time) external pure {
        require(commit < reveal && reveal < period && time >= genesis);
        RoundClock clock = RoundClockLib.pack(genesis, period, commit, reveal, 3);
        uint256 start = clock.start(clock.roundAt(time));
        Phase phase = clock.phaseAt(time);
        assert((phase == Phase.Commit) == (time < start + commit));
        assert((phase == Phase.Reveal) == (time >= start + commit && time < start + reveal));
        assert((phase == Phase.Attest) == (time >= start + reveal && time < start + period));
    }

    /// @notice The epoch of a time is the epoch of its round.
    function epochs(uint64 genesis, uint32 period, uint16 tempo, uint64 time) external pure {
        require(period > 0 && tempo > 0 && time >= genesis);
        RoundClock clock = RoundClockLib.pack(genesis, period, 0, 0, tempo);
        uint256 round = clock.roundAt(time);
        uint256 epoch = clock.epochAt(time);
        assert(clock.epochStart(epoch) <= time);
        assert(time < clock.epochStart(epoch + 1));
        assert(clock.epochOf(round) == epoch);
    }

    /// @notice Later is never an earlier round or epoch.
    function monotone(uint64 genesis, uint32 period, uint16 tempo, uint64 earlier, uint64 later) external pure {
        require(period > 0 && tempo > 0 && earlier >= genesis && later >= earlier);
        RoundClock clock = RoundClockLib.pack(genesis, period, 0, 0, tempo);
        assert(clock.roundAt(earlier) <= clock.roundAt(later));
        assert(clock.epochAt(earlier) <= clock.epochAt(later));
    }
}
