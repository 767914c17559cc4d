import { concat, type Hex, hexToBytes, keccak256 } from "viem";
import { FatalError } from "./errors.ts";
import { merkleProof, merkleRoot } from "./merkle.ts";

/** Bytes of a slice; the last one may be shorter. */
export const SLICE_BYTES = 1024;

const LEAF_BYTES = 1 + 4 + 4 + 2 + 32;

/**
 * Root over 1 KiB slices (DESIGN §7): leaf `keccak256(0x00 ‖ index u32 ‖ count u32 ‖ length u16 ‖ keccak256(slice))`,
 * node `keccak256(0x01 ‖ left ‖ right)`, integers big-endian. Index, count and length in the leaf leave no second
 * content with the same root.
 * @throws FatalError `CONTENT_EMPTY` for no bytes.
 */
export function dataRoot(content: Uint8Array): Hex {
  return merkleRoot(sliceLeaves(content), join);
}

/** A slice and its siblings from the leaf up, as `AvailabilityChallenge.answer` takes them. */
export interface SliceProof {
  readonly slice: Uint8Array;
  readonly proof: readonly Hex[];
}

/** @throws FatalError `CONTENT_EMPTY`; `MERKLE_INDEX` for a slice beyond the content */
export function sliceProof(content: Uint8Array, index: number): SliceProof {
  return { slice: sliceAt(content, index), proof: merkleProof(sliceLeaves(content), index, join) };
}

const join = (left: Hex, right: Hex) => keccak256(concat(["0x01", left, right]));

function sliceLeaves(content: Uint8Array): Hex[] {
  if (content.length === 0) throw new FatalError("CONTENT_EMPTY", "Content has at least one byte.");
  const count = Math.ceil(content.length / SLICE_BYTES);
  return Array.from({ length: count }, (_, index) => sliceLeaf(content, index, count));
}

function sliceAt(content: Uint8Array, index: number): Uint8Array {
  return content.subarray(index * SLICE_BYTES, (index + 1) * SLICE_BYTES);
}

function sliceLeaf(content: Uint8Array, index: number, count: number): Hex {
  const slice = sliceAt(content, index);
  const leaf = new Uint8Array(LEAF_BYTES);
  const view = new DataView(leaf.buffer);
  view.setUint32(1, index);
  view.setUint32(5, count);
  view.setUint16(9, slice.length);
  leaf.set(hexToBytes(keccak256(slice)), 11);
  return keccak256(leaf);
}
