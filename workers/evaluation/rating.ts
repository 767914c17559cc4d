import { exactExp } from "./exactExp.ts";

/** Belief about a miner's skill: mean and standard deviation, in rating points. */
export interface Rating {
  readonly mu: number;
  readonly sigma: number;
}

/** Start values, `beta` (spread of a single performance) and `tau` (drift per match) of Plackett–Luce (manifest). */
export interface RatingSettings {
  readonly mu: number;
  readonly sigma: number;
  readonly beta: number;
  readonly tau: number;
}

/** Smallest factor by which one match may shrink a variance, as in openskill. */
const leastVarianceFactor = 1e-4;

/** What is believed of a miner before its first match. */
export function newRating(settings: RatingSettings): Rating {
  return { mu: settings.mu, sigma: settings.sigma };
}

/** Skill that a miner has with near certainty: μ − 3σ. */
export function ordinal(rating: Rating): number {
  return rating.mu - 3 * rating.sigma;
}

/**
 * One Plackett–Luce match (Weng & Lin 2011, algorithm 4; openskill.py 6.1.3): the higher score ranks first, equal
 * scores tie, −∞ ranks last. Fewer than two entrants leave the ratings as they are. The result does not depend on the
 * order of the entrants, to the last bit.
 *
 * Written out because the pinned npm `openskill` treats ties otherwise than the vectors do: there every member of a
 * tied group counts as the winner of that group's draw, in npm's version only the member itself.
 *
 * @param ratings before the match, one per entrant
 * @param scores one per entrant, NaN forbidden
 * @returns ratings after the match, in the order of `ratings`
 */
export function rateMatch(
  ratings: readonly Rating[],
  scores: readonly number[],
  settings: RatingSettings,
): Rating[] {
  if (ratings.length < 2) return ratings.map((rating) => ({ ...rating }));
  const drifted = ratings.map(({ mu, sigma }, entrant) => ({
    entrant,
    mu,
    variance: sigma * sigma + settings.tau * settings.tau,
    score: scores[entrant],
  }));
  drifted.sort((a, b) => compare(b.score, a.score) || b.mu - a.mu || b.variance - a.variance);

  const spread = drifted.reduce((sum, { variance }) => sum + variance + settings.beta * settings.beta, 0);
  const c = Math.sqrt(spread);
  const strengths = drifted.map(({ mu }) => exactExp(mu / c));
  const tied = drifted.map(({ score }) => drifted.filter((other) => other.score === score).length);
  // Σ of the strengths of those who are still in the draw when q is drawn.
  const remaining = drifted.map(({ score }) =>
    drifted.reduce((sum, other, index) => (other.score <= score ? sum + strengths[index] : sum), 0),
  );

  const result: Rating[] = new Array(ratings.length);
  for (const [i, { entrant, mu, variance, score }] of drifted.entries()) {
    let omega = 0;
    let delta = 0;
    for (const [q, drawn] of drifted.entries()) {
      if (drawn.score < score) continue;
      const chance = strengths[i] / remaining[q];
      omega += (drawn.score === score ? 1 - chance : -chance) / tied[q];
      delta += (chance * (1 - chance)) / tied[q];
    }
    const gamma = Math.sqrt(variance) / c;
    const shrink = 1 - ((delta * variance) / (c * c)) * gamma;
    result[entrant] = {
      mu: mu + (omega * variance) / c,
      sigma: Math.sqrt(variance) * Math.sqrt(Math.max(shrink, leastVarianceFactor)),
    };
  }
  return result;
}

/** Sign of a − b that also works for infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
