import type { RoundClock } from "../../workers/protocol/clock.ts";

/** How much of a run is made up. */
export interface Shape {
  readonly validators: number;
  readonly miners: number;
  readonly rounds: number;
}

/** Everybody that a run can have. */
export const shape256 = { validators: 64, miners: 192 };

/** Commits, reveals, attestations, settlements. */
export const blocksPerRound = 4;
/** Before it, everybody registers. */
export const firstBlock = 4;
export const clock: RoundClock = {
  genesis: 10_000,
  period: 100,
  commitSeconds: 60,
  revealSeconds: 80,
  tempo: 12,
};
