/**
 * How scores scatter, as shares of the round's mean improvement on random text. Measured by the training tier's `clean`
 * runs (`details` of its results: 3 seeds of the tiny model).
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
  improvement: 0.02,
  betweenUpdates: 0.08,
  betweenValidators: 0.1,
  ownAdvantage: 0.15,
  ownDeviation: 0.25,
};
