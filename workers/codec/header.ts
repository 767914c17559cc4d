import type { Hex } from "viem";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import { CodecError } from "./errors.ts";

/** What an update says about itself, outside its tensors. Roots and hashes are 32 bytes. */
export interface UpdateHeader {
  /** SHA-256 of the run manifest: fixes tensor shapes and codec settings. */
  readonly manifestHash: Hex;
  readonly round: Round;
  readonly neuronId: NeuronId;
  /** State root of θ that the round's training started from. */
  readonly parentRoot: Hex;
  /** Roots of the worker's own state (error feedback, moments) before and after the round. */
  readonly stateBefore: Hex;
  readonly stateAfter: Hex;
}

/** Header plus what the format adds: values kept in all tensors, bytes of the whole update. */
export interface FramedHeader {
  readonly header: UpdateHeader;
  readonly kept: number;
  readonly totalLength: number;
}

export const HEADER_LENGTH = 153;
const MAGIC = 0x5446_4557; // "WEFT" in little-endian order
const VERSION = 2;
const HASH_OFFSETS = { manifestHash: 5, parentRoot: 49, stateBefore: 81, stateAfter: 113 };
const HASH_PATTERN = /^0x[0-9a-f]{64}$/i;

/** @throws CodecError CODEC_HEADER for a field that does not fit its width */
export function writeHeader(bytes: Uint8Array, { header, kept, totalLength }: FramedHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, VERSION);
  writeHash(bytes, "manifestHash", header);
  view.setUint32(37, fitting("round", header.round), true);
  if (header.neuronId < 0n || header.neuronId >= 1n << 64n) throw misfit("neuronId", header.neuronId);
  view.setBigUint64(41, header.neuronId, true);
  writeHash(bytes, "parentRoot", header);
  writeHash(bytes, "stateBefore", header);
  writeHash(bytes, "stateAfter", header);
  view.setUint32(145, fitting("kept", kept), true);
  view.setUint32(149, fitting("totalLength", totalLength), true);
}

/**
 * Reads and checks the header without looking at the tensors.
 *
 * @throws CodecError CODEC_TRUNCATED, CODEC_MAGIC, CODEC_VERSION, CODEC_LENGTH
 */
export function readHeader(bytes: Uint8Array): FramedHeader {
  if (bytes.length < HEADER_LENGTH) {
    throw new CodecError("CODEC_TRUNCATED", "An update is shorter than its header", { length: bytes.length });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0, true);
  if (magic !== MAGIC) throw new CodecError("CODEC_MAGIC", "These bytes are no update", { magic });
  const version = view.getUint8(4);
  if (version !== VERSION)
    throw new CodecError("CODEC_VERSION", `Unknown update version ${version}`, { version });
  const totalLength = view.getUint32(149, true);
  if (totalLength !== bytes.length) {
    const data = { stated: totalLength, actual: bytes.length };
    throw new CodecError("CODEC_LENGTH", "An update is not as long as it says", data);
  }
  const header: UpdateHeader = {
    manifestHash: readHash(bytes, "manifestHash"),
    round: view.getUint32(37, true),
    neuronId: view.getBigUint64(41, true),
    parentRoot: readHash(bytes, "parentRoot"),
    stateBefore: readHash(bytes, "stateBefore"),
    stateAfter: readHash(bytes, "stateAfter"),
  };
  return { header, kept: view.getUint32(145, true), totalLength };
}

type HashField = keyof typeof HASH_OFFSETS;

function writeHash(bytes: Uint8Array, field: HashField, header: UpdateHeader): void {
  if (!HASH_PATTERN.test(header[field])) throw misfit(field, header[field]);
  bytes.set(Buffer.from(header[field].slice(2), "hex"), HASH_OFFSETS[field]);
}

function readHash(bytes: Uint8Array, field: HashField): Hex {
  const at = bytes.byteOffset + HASH_OFFSETS[field];
  return `0x${Buffer.from(bytes.buffer, at, 32).toString("hex")}`;
}

function fitting(field: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw misfit(field, value);
  return value;
}

function misfit(field: string, value: unknown): CodecError {
  return new CodecError("CODEC_HEADER", `The header's ${field} does not fit`, { field, value });
}
