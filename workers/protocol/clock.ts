import { FatalError } from "./errors.ts";
import type { BlockTime, Epoch, Round } from "./quantities.ts";

/** The immutable timetable of a run; all in seconds except `tempo`, in rounds per epoch (DESIGN §3). */
export interface RoundClock {
  /** Unix seconds at which round 0 starts. */
  readonly genesis: number;
  /** Length of a round. */
  readonly period: number;
  /** End of the commit phase, counted from the start of the round. */
  readonly commitSeconds: number;
  /** End of the reveal phase, counted from the start of the round; the attest phase lasts to the round's end. */
  readonly revealSeconds: number;
  readonly tempo: number;
}

export type Phase = "commit" | "reveal" | "attest";

/** @throws FatalError `BEFORE_GENESIS` where `time` lies before round 0. */
export function roundAt(clock: RoundClock, time: BlockTime): Round {
  if (time < clock.genesis) {
    const data = { time, genesis: clock.genesis };
    throw new FatalError("BEFORE_GENESIS", `Round 0 starts at ${clock.genesis}, it is ${time}.`, { data });
  }
  return Math.floor((time - clock.genesis) / clock.period);
}

/** First second of a round. */
export function roundStart(clock: RoundClock, round: Round): BlockTime {
  return clock.genesis + round * clock.period;
}

/** First second after a round. */
export function roundEnd(clock: RoundClock, round: Round): BlockTime {
  return roundStart(clock, round + 1);
}

/** First second of the reveal phase. */
export function revealStart(clock: RoundClock, round: Round): BlockTime {
  return roundStart(clock, round) + clock.commitSeconds;
}

/** First second of the attest phase. */
export function attestStart(clock: RoundClock, round: Round): BlockTime {
  return roundStart(clock, round) + clock.revealSeconds;
}

export function epochOf(clock: RoundClock, round: Round): Epoch {
  return Math.floor(round / clock.tempo);
}

export function firstRoundOf(clock: RoundClock, epoch: Epoch): Round {
  return epoch * clock.tempo;
}

/** First second of an epoch. */
export function epochStart(clock: RoundClock, epoch: Epoch): BlockTime {
  return roundStart(clock, firstRoundOf(clock, epoch));
}

/** Epoch in which a registration, a stake or a permit claim at `time` counts: 0 before genesis. */
export function epochAt(clock: RoundClock, time: BlockTime): Epoch {
  return time < clock.genesis ? 0 : epochOf(clock, roundAt(clock, time));
}

/** @throws FatalError `BEFORE_GENESIS` where `time` lies before round 0. */
export function phaseAt(clock: RoundClock, time: BlockTime): Phase {
  const offset = time - roundStart(clock, roundAt(clock, time));
  if (offset < clock.commitSeconds) return "commit";
  return offset < clock.revealSeconds ? "reveal" : "attest";
}

/** When the phase that `time` lies in ends. @throws as `phaseAt` */
export function phaseEnd(clock: RoundClock, time: BlockTime): BlockTime {
  const round = roundAt(clock, time);
  const ends = { commit: revealStart, reveal: attestStart, attest: roundEnd };
  return ends[phaseAt(clock, time)](clock, round);
}

/** Position of a round within its epoch, 0 … tempo − 1. Weights are committed at 0, revealed at 1, settled from 2. */
export function roundWithinEpoch(clock: RoundClock, round: Round): number {
  return round % clock.tempo;
}

/**
 * The timetable, checked as the contracts check it.
 * @throws FatalError `CLOCK_INVALID` unless genesis > 0, 0 < commit < reveal < period and tempo ≥ 3.
 */
export function roundClock(clock: RoundClock): RoundClock {
  const { genesis, period, commitSeconds, revealSeconds, tempo } = clock;
  const integers = [genesis, period, commitSeconds, revealSeconds, tempo].every(Number.isSafeInteger);
  const phases = 0 < commitSeconds && commitSeconds < revealSeconds && revealSeconds < period;
  if (!integers || genesis <= 0 || !phases || tempo < 3) {
    throw new FatalError("CLOCK_INVALID", "A clock needs 0 < commit < reveal < period and a tempo ≥ 3.", {
      data: { ...clock },
    });
  }
  return clock;
}

/**
 * Timetable from the word that every contract's `clock()` returns. Bits from the lowest: genesis u64, period u32,
 * commitSeconds u32, revealSeconds u32, tempo u16 (contracts/libraries/RoundClock.sol).
 * @throws FatalError `CLOCK_INVALID`
 */
export function unpackClock(word: bigint): RoundClock {
  const field = (shift: number, bits: number) => Number(BigInt.asUintN(bits, word >> BigInt(shift)));
  return roundClock({
    genesis: field(0, 64),
    period: field(64, 32),
    commitSeconds: field(96, 32),
    revealSeconds: field(128, 32),
    tempo: field(160, 16),
  });
}

/** Inverse of `unpackClock`, as the contracts' constructors take it. */
export function packClock(clock: RoundClock): bigint {
  const { genesis, period, commitSeconds, revealSeconds, tempo } = clock;
  const later = (BigInt(tempo) << 64n) | (BigInt(revealSeconds) << 32n) | BigInt(commitSeconds);
  return (later << 96n) | (BigInt(period) << 64n) | BigInt(genesis);
}
