// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The immutable timing of a run in one word. Bits, from the lowest:
/// genesis u64 | period u32 | commitSeconds u32 | revealSeconds u32 | tempo u16 | zero u80.
/// Times are seconds of block time. Round r spans [genesis + r·period, genesis + (r + 1)·period). Its phases, as
/// offsets from the round's start: commit [0, commitSeconds), reveal [commitSeconds, revealSeconds), attest
/// [revealSeconds, period). Epoch e covers the rounds [e·tempo, (e + 1)·tempo).
type RoundClock is uint256;

using RoundClockLib for RoundClock global;

/// @notice The three phases of a round, in order.
enum Phase {
    Commit,
    Reveal,
    Attest
}

/// @notice Arithmetic of a `RoundClock`. Pure; nothing here reads the block. All arithmetic is checked: an absurd
/// round or epoch reverts instead of wrapping.
library RoundClockLib {
    /// @notice `time` lies before the run's genesis, where there is no round.
    error BeforeGenesis(uint256 time, uint256 genesis);

    /// @notice The word is no clock: 0 < genesis, 0 < commitSeconds < revealSeconds < period, tempo ≥ 3 and no bits
    /// above the fields are required.
    error InvalidClock(uint256 word);

    /// @notice Fewer rounds could not hold weight commit, weight reveal and settlement.
    uint256 internal constant MIN_TEMPO = 3;

    /// @notice Packs the fields. Does not validate: call `validate` on the result.
    function pack(
        uint64 genesis_,
        uint32 period_,
        uint32 commitSeconds_,
        uint32 revealSeconds_,
        uint16 tempo_
    ) internal pure returns (RoundClock) {
        return
            RoundClock.wrap(
                uint256(genesis_) |
                    (uint256(period_) << 64) |
                    (uint256(commitSeconds_) << 96) |
                    (uint256(revealSeconds_) << 128) |
                    (uint256(tempo_) << 160)
            );
    }

    /// @notice Returns the clock, or reverts `InvalidClock`. For constructors.
    function validate(RoundClock self) internal pure returns (RoundClock) {
        bool valid =
            self.genesis() > 0 &&
                self.commitSeconds() > 0 &&
                self.commitSeconds() < self.revealSeconds() &&
                self.revealSeconds() < self.period() &&
                self.tempo() >= MIN_TEMPO &&
                RoundClock.unwrap(self) >> 176 == 0;
        if (!valid) revert InvalidClock(RoundClock.unwrap(self));
        return self;
    }

    /// @notice Unix seconds at which round 0 starts.
    function genesis(RoundClock self) internal pure returns (uint256) {
        return RoundClock.unwrap(self) & type(uint64).max;
    }

    /// @notice Seconds per round.
    function period(RoundClock self) internal pure returns (uint256) {
        return (RoundClock.unwrap(self) >> 64) & type(uint32).max;
    }

    /// @notice Offset at which the commit phase ends and the reveal phase begins.
    function commitSeconds(RoundClock self) internal pure returns (uint256) {
        return (RoundClock.unwrap(self) >> 96) & type(uint32).max;
    }

    /// @notice Offset at which the reveal phase ends and the attest phase begins.
    function revealSeconds(RoundClock self) internal pure returns (uint256) {
        return (RoundClock.unwrap(self) >> 128) & type(uint32).max;
    }

    /// @notice Rounds per epoch.
    function tempo(RoundClock self) internal pure returns (uint256) {
        return (RoundClock.unwrap(self) >> 160) & type(uint16).max;
    }

    /// @notice Seconds per epoch.
    function epochSeconds(RoundClock self) internal pure returns (uint256) {
        return self.period() * self.tempo();
    }

    /// @notice The round that holds `time`; reverts `BeforeGenesis`.
    function roundAt(RoundClock self, uint256 time) internal pure returns (uint256) {
        uint256 first = self.genesis();
        if (time < first) revert BeforeGenesis(time, first);
        return (time - first) / self.period();
    }

    /// @notice Unix seconds at which `round` starts.
    function start(RoundClock self, uint256 round) internal pure returns (uint256) {
        return self.genesis() + round * self.period();
    }

    /// @notice Seconds of `time` since the start of `round`; absurdly large before it, and for a round beyond 64 bits. For what
    /// is called every round: cheaper than finding the round that holds `time`.
    function offsetIn(RoundClock self, uint256 round, uint256 time) internal pure returns (uint256) {
        // No overflow: genesis and round are u64, the period u32. Before the start the difference wraps to what no time
        // reaches.
        unchecked {
            if (round >> 64 != 0) return type(uint256).max;
            return time - self.genesis() - round * self.period();
        }
    }

    /// @notice The epoch that `round` belongs to.
    function epochOf(RoundClock self, uint256 round) internal pure returns (uint256) {
        return round / self.tempo();
    }

    /// @notice The epoch that holds `time`; 0 before genesis, where registration and staking are already open.
    function epochAt(RoundClock self, uint256 time) internal pure returns (uint256) {
        uint256 first = self.genesis();
        return time < first ? 0 : (time - first) / self.epochSeconds();
    }

    /// @notice Unix seconds at which `epoch` starts: the boundary epoch − 1 → epoch.
    function epochStart(RoundClock self, uint256 epoch) internal pure returns (uint256) {
        return self.start(epoch * self.tempo());
    }

    /// @notice The phase that holds `time`; reverts `BeforeGenesis`.
    function phaseAt(RoundClock self, uint256 time) internal pure returns (Phase) {
        uint256 offset = time - self.start(self.roundAt(time));
        if (offset < self.commitSeconds()) return Phase.Commit;
        return offset < self.revealSeconds() ? Phase.Reveal : Phase.Attest;
    }
}
