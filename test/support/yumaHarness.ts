import { type Hex, parseAbi, toHex } from "viem";
import { packBonds } from "../../workers/protocol/bonds.ts";
import { packU16 } from "../../workers/protocol/weights.ts";

// Written out, so that the types do not hang on build artifacts.
export const harnessAbi = parseAbi([
  "struct Input { uint256 columns; uint256[] stakes; uint256[] ownColumns; uint256 absentWeights; uint256[] previousIndex; uint256 previousValidators; uint256 previousColumns; uint256 absentBonds; uint256 kappa; uint256 alpha; bool bondsPenalty; uint256 rankSum; }",
  "struct Output { uint256[] consensus; uint256[] incentive; uint256[] dividends; bytes bonds; }",
  "function settle(Input input, bytes[] rows, bytes bonds, bytes hints) view returns (Output)",
  "struct NaiveInput { uint256[] stakes; uint256[][] weights; uint256[][] bonds; uint256 kappa; uint256 alpha; bool bondsPenalty; }",
  "struct NaiveOutput { uint256[] consensus; bytes medianHints; uint256 rankSum; uint256[] incentive; uint256[] dividends; uint256[][] bonds; }",
  "function naive(NaiveInput input) view returns (NaiveOutput)",
]);

/** What marks a validator without previous bonds. */
export const NO_BONDS = 2n ** 256n - 1n;

/** An epoch as `YumaHarness.settle` takes it. Matrices are validators × uids. */
export interface YumaCase {
  readonly stakes: readonly bigint[];
  /** Number of uids; that of the first row's weights where it is left out. */
  readonly columns?: number;
  /** Raw u16, with entries that the masks drop. Rows may be shorter or longer than `columns`. */
  readonly weights: readonly (readonly number[])[];
  /** Raw u16 by the order of the validators then; the same validators unless `previousIndex` says otherwise. */
  readonly previousBonds: readonly (readonly number[])[];
  /** Where each validator stands in `previousBonds`; `NO_BONDS` for none. */
  readonly previousIndex?: readonly bigint[];
  readonly ownColumns?: readonly number[];
  readonly absentWeights?: bigint;
  readonly absentBonds?: bigint;
  /** Q32, as `alpha` and `rankSum`. */
  readonly kappa: bigint;
  readonly alpha: bigint;
  readonly bondsPenalty: boolean;
  readonly medianHints: readonly number[];
  readonly rankSum: bigint;
}

/** Arguments of `YumaHarness.settle`. */
export function packCase(given: YumaCase) {
  const validators = given.stakes.length;
  const columns = given.columns ?? given.weights[0]?.length ?? 0;
  const input = {
    columns: BigInt(columns),
    stakes: given.stakes,
    ownColumns: given.ownColumns?.map(BigInt) ?? given.stakes.map(() => BigInt(columns)),
    absentWeights: given.absentWeights ?? 0n,
    previousIndex: given.previousIndex ?? Array.from({ length: validators }, (_, index) => BigInt(index)),
    previousValidators: BigInt(given.previousBonds.length),
    previousColumns: BigInt(given.previousBonds[0]?.length ?? 0),
    absentBonds: given.absentBonds ?? 0n,
    kappa: given.kappa,
    alpha: given.alpha,
    bondsPenalty: given.bondsPenalty,
    rankSum: given.rankSum,
  };
  const rows = given.weights.map((row): Hex => packU16(row));
  return [input, rows, packBonds(given.previousBonds), toHex(Uint8Array.from(given.medianHints))] as const;
}
