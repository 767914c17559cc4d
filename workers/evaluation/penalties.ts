/**
 * Why a miner lost standing in a round.
 * - `copy`: the update repeats another's, or an old one of its own.
 * - `missing`: known or committed, but not eligible by attestation.
 * - `invalid`: the revealed bytes are not an update.
 * - `negative`: the update does not improve the loss on random text, or by next to nothing.
 * - `brokenState`: the worker state in the header does not follow from the last update.
 */
export const penaltyReasons = ["copy", "missing", "invalid", "negative", "brokenState"] as const;
export type PenaltyReason = (typeof penaltyReasons)[number];

/** What one occurrence multiplies the standing with. All in [0, 1): a penalty can never raise a score. */
export const penaltyFactors: Readonly<Record<PenaltyReason, number>> = {
  copy: 0,
  missing: 0.75,
  invalid: 0.25,
  negative: 0.5,
  brokenState: 0.5,
};

/** Share of the lost standing that is still lost after one clean evaluation. */
export const penaltyDecay = 0.9;

/** Below this standing the score is zero: until 3 clean evaluations after a copy, from the fifth miss in a row on. */
export const leastStanding = 0.25;

/**
 * Standing in [0, 1] after a round. Reasons multiply it; only an evaluation without any reason lets it recover, so
 * that neither waiting nor the round's rating undoes a penalty.
 *
 * @param standing before the round; 1 is unblemished
 * @param reasons of the round, without repetition
 * @param evaluated the update was evaluated this round
 */
export function nextStanding(
  standing: number,
  reasons: readonly PenaltyReason[],
  evaluated: boolean,
): number {
  if (reasons.length > 0) {
    return reasons.reduce((product, reason) => product * penaltyFactors[reason], standing);
  }
  return evaluated ? 1 - (1 - standing) * penaltyDecay : standing;
}
