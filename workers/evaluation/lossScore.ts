import type { Tensors } from "../protocol/tensors.ts";

/**
 * Mean loss, nats per token, of each sequence under the given parameters; sequences hold T + 1 tokens.
 * `theta` is only valid until the promise settles: the caller then changes it in place.
 */
export type LossFunction = (
  theta: Tensors,
  sequences: readonly Int32Array[],
  signal: AbortSignal,
) => Promise<Float64Array>;

/** Mean losses (nats per token) of one set of sequences, before and after an update was tried. */
export interface LossPair {
  readonly before: number;
  readonly after: number;
}

/** What stands in for a loss that is not finite: an update may blow the model up, but every figure stays comparable. */
export const largestLoss = 1e6;

/**
 * Share of the round's upper median improvement up to which an update counts as having done nothing. Measured on small
 * models of 0.15 to 0.3 M parameters, first rounds included: honest updates reach at least 0.42 of the median,
 * random values of an honest norm at most 0.21.
 */
export const negligibleShare = 0.25;

/** Relative improvement (L(θ) − L(θ')) / L(θ); positive is better, 0 where there was nothing to improve. */
export function improvement({ before, after }: LossPair): number {
  return before > 0 ? (before - after) / before : 0;
}

/** Mean in index order, at most `largestLoss`. `losses` must not be empty. */
export function meanLoss(losses: Float64Array): number {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  return Number.isFinite(mean) ? Math.min(mean, largestLoss) : largestLoss;
}

/**
 * Running mean of own-data evidence after an evaluation (DESIGN §10.3): +1 when the miner's own sequences gained more
 * than random ones, else −1.
 */
export function nextComputation(computation: number, own: LossPair, random: LossPair, decay: number): number {
  const evidence = improvement(own) > improvement(random) ? 1 : -1;
  return decay * computation + (1 - decay) * evidence;
}

/**
 * Improvement on random text up to which an update counts as negative: a quarter of the upper median of all that were
 * evaluated in the round, at least 0. Random values move the loss by next to nothing in either direction; work moves
 * every honest update's loss by a similar amount, and the text is the same for all.
 */
export function negativeUpTo(improvements: readonly number[]): number {
  const ascending = [...improvements].sort((a, b) => a - b);
  const median = ascending[Math.floor(ascending.length / 2)] ?? 0;
  return Math.max(0, median) * negligibleShare;
}
