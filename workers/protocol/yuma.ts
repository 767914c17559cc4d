import { FatalError } from "./errors.ts";

/** 1 in Q32. */
export const ONE = 1n << 32n;

const U16_MAX = 65_535n;
const MILLION = 1_000_000n;

/** Parameters of the consensus: `EpochEngine.parametersAt` an epoch. */
export interface YumaParameters {
  /** Stake majority, as a share of 65535; > 0. */
  readonly kappaU16: number;
  /** Share of the previous bonds that stays, in millionths. */
  readonly bondsMovingAverageMillionths: number;
  /** Whether bonds grow from weights clipped to consensus (1) or as given (0). */
  readonly bondsPenalty: 0 | 1;
}

/** What an epoch is settled from. Validators × columns, masked entries being 0. */
export interface YumaInput {
  /** Wei per validator; 0 for one that revealed no row. */
  readonly stake: readonly bigint[];
  /** u16 per validator and uid; 0 is an absent entry. */
  readonly weights: readonly (readonly number[])[];
  /** u16 per validator and uid. */
  readonly previousBonds: readonly (readonly number[])[];
}

/** Q32 figures, and what the next epoch builds on. */
export interface YumaResult {
  /** C per uid. */
  readonly consensus: readonly bigint[];
  /** I per uid; sums to at most ONE. */
  readonly incentive: readonly bigint[];
  /** D per validator; sums to at most ONE. */
  readonly dividends: readonly bigint[];
  /** u16 per validator and uid. */
  readonly bonds: readonly (readonly number[])[];
  /** Per uid the index of a validator whose weight is the median: what the contract verifies instead of sorting. */
  readonly medianHints: readonly number[];
  /** Σ R, Q32: what the contract takes as given and compares at the end. */
  readonly rankSum: bigint;
}

/** Q32 product, truncated. */
export function mulQ32(a: bigint, b: bigint): bigint {
  return (a * b) >> 32n;
}

/** Q32 quotient, truncated; 0 where `b` is 0. */
export function divQ32(a: bigint, b: bigint): bigint {
  return b === 0n ? 0n : (a << 32n) / b;
}

/**
 * Yuma-3 with a fixed bond alpha, exactly as settled on chain (DESIGN §6): same integers, same truncations.
 * @throws FatalError `YUMA_SHAPE` where rows or bonds do not match the number of validators and columns.
 */
export function settleYuma(input: YumaInput, parameters: YumaParameters): YumaResult {
  const columns = checkShapes(input);
  const shares = normalise(input.stake);
  const active = normalise(shares);
  const votes = normalise(active);
  const weights = input.weights.map((row) => normalise(row.map(BigInt)));

  const medians = columns.map((j) => median(votes, column(weights, j), parameters.kappaU16));
  const consensus = medians.map(({ value }) => value);
  const clipped = weights.map((row) => row.map((weight, j) => clip(weight, consensus[j])));
  const ranks = columns.map((j) => sum(active.map((share, i) => mulQ32(share, clipped[i][j]))));
  const incentive = normalise(ranks);

  const grown = parameters.bondsPenalty === 1 ? clipped : weights;
  const alpha = ONE - (BigInt(parameters.bondsMovingAverageMillionths) << 32n) / MILLION;
  const bonds = grown.map((row, i) =>
    row.map((weight, j) => {
      const previous = divQ32(BigInt(input.previousBonds[i][j]), U16_MAX);
      return mulQ32(alpha, weight) + mulQ32(ONE - alpha, previous);
    }),
  );
  const held = columns.map((j) => sum(column(bonds, j)));
  const paid = bonds.map((row, i) =>
    mulQ32(sum(row.map((bond, j) => mulQ32(divQ32(bond, held[j]), incentive[j]))), active[i]),
  );
  return {
    consensus,
    incentive,
    dividends: normalise(paid),
    bonds: bonds.map((row, i) => row.map((bond) => (shares[i] === 0n ? 0 : Number((bond * U16_MAX) >> 32n)))),
    medianHints: medians.map(({ holder }) => holder),
    rankSum: sum(ranks),
  };
}

/** How one validator's weight entered a uid's rank; Q32. */
export interface RankPart {
  /** A: its share of the stake that counts. */
  readonly share: bigint;
  /** w: the weight as a share of its row. */
  readonly ofRow: bigint;
  /** min(w, C). */
  readonly counted: bigint;
  /** What it adds to R. */
  readonly rank: bigint;
}

/** The parts of a uid's rank R by validator: they sum to it exactly. */
export function rankParts(input: YumaInput, consensus: bigint, column: number): RankPart[] {
  const active = normalise(normalise(input.stake));
  return input.weights.map((row, i) => {
    const ofRow = normalise(row.map(BigInt))[column];
    const counted = clip(ofRow, consensus);
    return { share: active[i], ofRow, counted, rank: mulQ32(active[i], counted) };
  });
}

/** Stake-weighted median of a column: the smallest of its values that more than T − kappa of the votes do not exceed. */
function median(votes: readonly bigint[], weights: readonly bigint[], kappaU16: number) {
  const kappa = divQ32(BigInt(kappaU16), U16_MAX);
  const majority = sum(votes) - kappa;
  const ascending = weights.map((_, i) => i).sort((a, b) => compare(weights[a], weights[b]) || a - b);
  let upTo = 0n;
  for (const [rank, i] of ascending.entries()) {
    upTo += votes[i];
    const next = ascending[rank + 1];
    const last = next === undefined || weights[next] > weights[i];
    if (last && upTo > majority) return { value: weights[i], holder: i };
  }
  return { value: 0n, holder: 0 };
}

/** Each value divided by the sum of all. */
function normalise(values: readonly bigint[]): bigint[] {
  const total = sum(values);
  return values.map((value) => divQ32(value, total));
}

function clip(weight: bigint, limit: bigint): bigint {
  if (weight > limit) return limit;
  return weight;
}

function column(matrix: readonly (readonly bigint[])[], j: number): bigint[] {
  return matrix.map((row) => row[j]);
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function checkShapes({ stake, weights, previousBonds }: YumaInput): number[] {
  const columns = weights[0]?.length ?? 0;
  const fits = (matrix: readonly (readonly number[])[]) =>
    matrix.length === stake.length && matrix.every((row) => row.length === columns);
  if (!fits(weights) || !fits(previousBonds)) {
    const data = { validators: stake.length, columns };
    throw new FatalError("YUMA_SHAPE", "Rows and bonds must have one entry per validator and uid.", { data });
  }
  return Array.from({ length: columns }, (_, j) => j);
}
