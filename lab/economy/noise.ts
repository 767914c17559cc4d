/**
 * How scores scatter, as shares of the round's mean improvement on random text. Measured by the training tier's `clean`
 * run (`details` of its results, seed 1).
 */
export interface ScoreNoise {
  /** Improvement on random text that an honest update brings on average, relative to the loss. */
  readonly improvement: number;
  /** Standard deviation between honest miners of one round, the same for all validators. */
  readonly betweenUpdates: number;
  /** Standard deviation between validators that measure the same update on other text. */
  readonly betweenValidators: number;
  /** Mean and standard deviation of own minus random improvement. */
  readonly ownAdvantage: number;
  readonly ownDeviation: number;
}

export const measuredNoise: ScoreNoise = {
  improvement: 0.019,
  betweenUpdates: 0.15,
  betweenValidators: 0.025,
  ownAdvantage: 0.05,
  ownDeviation: 0.1,
};
