import type { YumaInput, YumaParameters } from "../../workers/protocol/yuma.ts";
import { ONE } from "../../workers/protocol/yuma.ts";
import { NO_BONDS, type YumaCase } from "./yumaHarness.ts";

const MAX_VALIDATORS = 64;
const MAX_COLUMNS = 256;
const U16 = 65_535;

/** An epoch twice: as the contract takes it, masks beside raw matrices, and as the references do, masked. */
export interface DifferentialCase {
  readonly raw: Omit<YumaCase, "medianHints" | "rankSum">;
  readonly masked: YumaInput;
  readonly parameters: YumaParameters;
}

/** Largest size of a case; every case has exactly it when `exact`. */
export interface CaseSize {
  readonly validators: number;
  readonly columns: number;
  readonly exact?: boolean;
}

type Draw = ReturnType<typeof drawFrom>;

/**
 * The random epoch of a seed, sizes log-uniform up to `size`: weights dense, sparse, tied, equal, with zero rows and zero
 * columns; stakes equal, random over 85 bits, extreme, partly 0; one validator or one uid; own columns; uids masked in
 * weights and in bonds, as those registered since are; rows cut and padded; bonds of fewer uids and of other validators.
 */
export function yumaCase(seed: number, size: CaseSize): DifferentialCase {
  const draw = drawFrom(seed);
  const validators = size.exact ? size.validators : draw.logUniform(size.validators);
  const columns = size.exact ? size.columns : draw.logUniform(size.columns);
  const stakes = stakesOf(draw, validators);
  const weights = weightsOf(draw, validators, columns).map((row) => cutOrPadded(draw, row));
  const ownColumns = stakes.map(() => (draw.chance(0.5) ? draw.below(columns) : columns));
  const absentWeights = draw.mask(columns);
  const absentBonds = draw.mask(columns);
  const previous = previousOf(draw, validators, columns);
  const kappaU16 = draw.pick([32_767, 32_768, 45_000, 58_981, 32_767 + draw.below(26_215)]);
  const bondsMovingAverageMillionths = draw.pick([0, 900_000, 999_999, draw.below(1_000_000)]);
  const bondsPenalty = draw.chance(0.5) ? 1 : 0;
  const parameters = { kappaU16, bondsMovingAverageMillionths, bondsPenalty } as const;
  const has = (word: bigint, column: number) => ((word >> BigInt(column)) & 1n) === 1n;
  return {
    raw: {
      stakes,
      columns,
      weights,
      ...previous,
      ownColumns,
      absentWeights,
      absentBonds,
      kappa: (BigInt(kappaU16) << 32n) / BigInt(U16),
      alpha: ONE - (BigInt(bondsMovingAverageMillionths) << 32n) / 1_000_000n,
      bondsPenalty: bondsPenalty === 1,
    },
    masked: {
      stake: stakes,
      weights: weights.map((row, i) =>
        Array.from({ length: columns }, (_, j) =>
          j === ownColumns[i] || has(absentWeights, j) ? 0 : (row[j] ?? 0),
        ),
      ),
      previousBonds: previous.previousIndex.map((index) =>
        Array.from({ length: columns }, (_, j) =>
          index === NO_BONDS || has(absentBonds, j) ? 0 : (previous.previousBonds[Number(index)]?.[j] ?? 0),
        ),
      ),
    },
    parameters,
  };
}

/** Uniform in [0, 1). Unlike a linear congruence, whose first values for neighbouring seeds are neighbours. */
function mixedRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    const first = Math.imul(state ^ (state >>> 15), state | 1);
    const second = first ^ (first + Math.imul(first ^ (first >>> 7), first | 61));
    return ((second ^ (second >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawFrom(seed: number) {
  const random = mixedRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return {
    below,
    chance: (share: number) => random() < share,
    pick: <Value>(values: readonly Value[]): Value => values[below(values.length)]!,
    logUniform: (most: number) => Math.min(most, Math.max(1, Math.floor((most + 1) ** random()))),
    bits: (count: number) =>
      BigInt.asUintN(
        count,
        (BigInt(below(2 ** 48)) << 48n) | (BigInt(below(2 ** 32)) << 16n) | BigInt(below(U16 + 1)),
      ),
    /** No uid, all of them, or each with a chance of a fifth. */
    mask(columns: number): bigint {
      const kind = below(8);
      if (kind < 4) return 0n;
      const share = kind === 4 ? 1 : 0.2;
      return Array.from({ length: columns }, (_, j) =>
        random() < share ? 1n << BigInt(j) : 0n,
      ).reduce<bigint>((word, bit) => word | bit, 0n);
    },
  };
}

/** At least one of them is not 0. */
function stakesOf(draw: Draw, validators: number): bigint[] {
  const kind = draw.below(5);
  const stakes = Array.from({ length: validators }, (_, i) => {
    if (kind === 0) return 10n ** 18n;
    if (kind === 1) return i === 0 ? 2n ** 84n : 1n;
    if (kind === 2) return draw.chance(0.4) ? 0n : 1n + draw.bits(70);
    return 1n + draw.bits(draw.below(85));
  });
  if (!stakes.some((stake) => stake > 0n)) stakes[draw.below(validators)] = 1n;
  return stakes;
}

function weightsOf(draw: Draw, validators: number, columns: number): number[][] {
  const kind = draw.below(6);
  const shared = Array.from({ length: columns }, () => draw.below(U16 + 1));
  const empty = draw.below(columns);
  return Array.from({ length: validators }, () => {
    if (draw.chance(0.08)) return shared.map(() => 0);
    return shared.map((common, j) => {
      if (kind === 5 && j === empty) return 0;
      if (kind === 0) return common;
      if (kind === 1) return draw.below(3);
      if (kind === 2) return draw.chance(0.1) ? draw.below(U16 + 1) : 0;
      if (kind === 3) return draw.pick([0, 1, U16 - 1, U16]);
      return draw.below(U16 + 1);
    });
  });
}

/** One row in six without its tail, one in six with weights beyond the uids. */
function cutOrPadded(draw: Draw, row: readonly number[]): readonly number[] {
  const kind = draw.below(6);
  if (kind === 0) return row.slice(0, draw.below(row.length + 1));
  if (kind !== 1) return row;
  const beyond = draw.below(MAX_COLUMNS - row.length + 1);
  return [...row, ...Array.from({ length: beyond }, () => draw.below(U16 + 1))];
}

/** Bonds of other validators then: some of today's are among them, in any order, some are not. */
function previousOf(draw: Draw, validators: number, columns: number) {
  const then = draw.chance(0.15) ? 0 : draw.logUniform(MAX_VALIDATORS);
  const known = then === 0 ? 0 : draw.chance(0.2) ? draw.below(columns + 1) : columns;
  const previousBonds = Array.from({ length: then }, () =>
    Array.from({ length: known }, () => draw.pick([0, 1, U16, draw.below(U16 + 1)])),
  );
  const free = Array.from({ length: then }, (_, index) => BigInt(index));
  const previousIndex = Array.from({ length: validators }, () => {
    if (free.length === 0 || draw.chance(0.2)) return NO_BONDS;
    return free.splice(draw.below(free.length), 1)[0]!;
  });
  return { previousBonds, previousIndex };
}

/** The largest size that a settlement takes. */
export const LARGEST: CaseSize = { validators: MAX_VALIDATORS, columns: MAX_COLUMNS };
