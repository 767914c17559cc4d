import type { ScoringSettings } from "../protocol/manifest.ts";
import { leastAuditStanding } from "./audit.ts";
import type { NeuronState } from "./neuronState.ts";
import { leastStanding } from "./penalties.ts";
import { ordinal } from "./rating.ts";

/** Evaluations before a miner can have a score. */
export const leastEvaluations = 2;

/** Rating part of a miner that always ranks last: ranks are zero-sum, so by themselves they never cost everything. */
export const ratingFloor = 1;

/** Rounds in a row without an eligible update after which a miner has no score and plays no matches. */
export const inactiveAfter = 8;

/** Factor in [0, 1] of own-data evidence μ ∈ [−1, 1] (DESIGN §10.3): 1 from μ = 0 on, 0 at −0.5. */
export function computationFactor(computation: number): number {
  return Math.min(1, Math.max(0, 1 + computation / 0.5));
}

/**
 * Score of a miner, finite and ≥ 0 (DESIGN §10.5): rating · computation factor · standing · audit standing, each ≥ 0, so that two bad
 * marks never make a good one. Zero, whatever the rating, when fewer than 2 evaluations were made, when at least half
 * of the recent ones speak against the miner, when too little standing of either kind is left, or when it has gone silent.
 */
export function scoreOf(state: NeuronState, settings: Pick<ScoringSettings, "ratingShift">): number {
  if (state.evaluations < leastEvaluations || state.missedInRow >= inactiveAfter) return 0;
  const good = state.recent.filter((clean) => clean).length;
  if (2 * good <= state.recent.length || state.standing < leastStanding) return 0;
  if (state.auditStanding < leastAuditStanding) return 0;
  const rating = Math.max(ratingFloor, ordinal(state.rating) + settings.ratingShift);
  return rating * computationFactor(state.computation) * state.standing * state.auditStanding;
}
