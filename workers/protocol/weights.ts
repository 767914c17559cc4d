import type { Hex } from "viem";
import { FatalError } from "./errors.ts";

/** Uids a row can name, so the longest packed row has 2 · 256 bytes. */
export const MAX_UIDS = 256;

/** The largest weight. */
export const MAX_WEIGHT = 65_535;

/**
 * Packed form of a validator's row (contract `WeightLedger`): big-endian u16 by uid, trailing zeros
 * left out so that one row has one form.
 * @throws FatalError `WEIGHT_ROW_INVALID` for more than 256 uids or a weight that is no u16.
 */
export function packRow(weights: readonly number[]): Hex {
  const bad = weights.findIndex((weight) => !Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT);
  if (bad >= 0 || weights.length > MAX_UIDS) {
    const data = { uids: weights.length, uid: bad, weight: weights[bad] };
    throw new FatalError("WEIGHT_ROW_INVALID", "A row holds at most 256 weights of 0 … 65535.", { data });
  }
  const used = weights.findLastIndex((weight) => weight > 0) + 1;
  return packU16(weights.slice(0, used));
}

/**
 * Weights by uid, `columns` of them; a missing tail is 0, what lies beyond `columns` is dropped.
 * @throws FatalError `PACKED_LENGTH` where the row is not whole u16.
 */
export function unpackRow(row: Hex, columns: number): number[] {
  const weights = unpackU16(row);
  return Array.from({ length: columns }, (_, uid) => weights[uid] ?? 0);
}

/** Big-endian u16 words, one after another. Values must be u16. */
export function packU16(values: readonly number[]): Hex {
  return `0x${values.map((value) => value.toString(16).padStart(4, "0")).join("")}`;
}

/** @throws FatalError `PACKED_LENGTH` where the bytes are not whole u16. */
export function unpackU16(packed: Hex): number[] {
  return words(packed, 2).map((word) => Number.parseInt(word, 16));
}

/** Big-endian u64 words, as settlements publish Q32 numbers. */
export function packU64(values: readonly bigint[]): Hex {
  return `0x${values.map((value) => value.toString(16).padStart(16, "0")).join("")}`;
}

/** @throws FatalError `PACKED_LENGTH` where the bytes are not whole u64. */
export function unpackU64(packed: Hex): bigint[] {
  return words(packed, 8).map((word) => BigInt(`0x${word}`));
}

function words(packed: Hex, bytes: number): string[] {
  const digits = packed.slice(2);
  if (digits.length % (2 * bytes) !== 0) {
    const data = { bytes: digits.length / 2, word: bytes };
    throw new FatalError("PACKED_LENGTH", `Packed numbers must be whole words of ${bytes} bytes.`, { data });
  }
  return Array.from({ length: digits.length / (2 * bytes) }, (_, index) =>
    digits.slice(2 * bytes * index, 2 * bytes * (index + 1)),
  );
}
