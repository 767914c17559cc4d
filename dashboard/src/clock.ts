import type { Network, Status } from "../../workers/projector/api.ts";

export type Clock = Network["clock"];
type Phase = NonNullable<Status["phase"]>;

export interface RoundMoment {
  /** 0 … 1 of the round. */
  readonly progress: number;
  readonly secondsLeft: number;
}

/** Shares of a round's span by phase; they sum to 1. */
export function phaseShares({
  period,
  commitSeconds,
  revealSeconds,
}: Clock): Readonly<Record<Phase, number>> {
  const commit = commitSeconds / period;
  const reveal = revealSeconds / period;
  return { commit, reveal, attest: Math.max(0, 1 - commit - reveal) };
}

/**
 * Chain time now: the head's, and what passed here since it was seen, but not beyond the next phase, which only a block
 * can begin.
 */
export function chainTime({ head, phaseEndsAt }: Status, secondsSinceSeen: number): number {
  const time = (head?.time ?? 0) + Math.max(0, secondsSinceSeen);
  return phaseEndsAt > 0 ? Math.min(time, phaseEndsAt) : time;
}

/** Where the round stands at a chain time; before genesis nothing has passed. */
export function momentOf({ genesis, period }: Clock, status: Status, time: number): RoundMoment {
  const start = status.round === null ? genesis : genesis + status.round * period;
  const progress = status.round === null ? 0 : Math.min(1, Math.max(0, (time - start) / period));
  return { progress, secondsLeft: Math.max(0, status.phaseEndsAt - time) };
}

/** What the participants do in a phase. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  commit: "Miners train and commit their updates.",
  reveal: "Miners reveal what they committed.",
  attest: "Validators attest to the updates they hold.",
};
