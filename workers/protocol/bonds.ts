import type { Hex } from "viem";
import { packU16, unpackU16 } from "./weights.ts";

/** Columns that settlements handle together. */
const GROUP = 15;

/**
 * Bonds as `EpochSettled` publishes them and the next settlement takes them, in the order in which the contract reads
 * them: for each group of 15 uids, validator after validator, 15 big-endian u16, 0 beyond the last uid.
 *
 * @param bonds u16 [validators × uids]
 */
export function packBonds(bonds: readonly (readonly number[])[]): Hex {
  const groups = Math.ceil((bonds[0]?.length ?? 0) / GROUP);
  const values: number[] = [];
  for (let group = 0; group < groups; group++) {
    for (const row of bonds) {
      for (let column = GROUP * group; column < GROUP * (group + 1); column++) values.push(row[column] ?? 0);
    }
  }
  return packU16(values);
}

/**
 * The `index`-th validator's bonds, u16 per uid. Inverse of `packBonds`.
 * @throws FatalError `PACKED_LENGTH` where the bytes are not whole u16.
 */
export function unpackBondsOf(packed: Hex, index: number, validators: number, columns: number): number[] {
  const values = unpackU16(packed);
  return Array.from(
    { length: columns },
    (_, column) => values[GROUP * (validators * Math.floor(column / GROUP) + index) + (column % GROUP)] ?? 0,
  );
}
