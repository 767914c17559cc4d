import { sizeOf, type TensorSpec } from "../protocol/tensors.ts";
import { CodecError } from "./errors.ts";
import { HEADER_LENGTH, readHeader, type UpdateHeader, writeHeader } from "./header.ts";
import { Selector } from "./selection.ts";
import { type CodecSettings, checkSettings, extentOf, maxKept } from "./settings.ts";
import type { SparseTensor } from "./sparseTensor.ts";
import { decodeTensor, encodeTensor } from "./tensorPayload.ts";

/** What a reader of updates knows beforehand, from the run manifest. */
export interface DecodeOptions extends CodecSettings {
  readonly specs: readonly TensorSpec[];
  /** Longest update accepted, bytes. */
  readonly maxBytes: number;
}

/** An update split into its tensors' payloads, which decode independently of each other. */
export interface UpdateFrame {
  readonly header: UpdateHeader;
  /** Values kept in all tensors, as stated. */
  readonly kept: number;
  /** One per tensor, views into the update. */
  readonly payloads: readonly Uint8Array[];
}

/**
 * Compresses a pseudo-gradient as docs/protocol/update-format.md says.
 *
 * @param dense row-major fp32 values per tensor, in manifest order
 * @returns the update, and its tensors exactly as every decoder sees them (error feedback subtracts these)
 * @throws CodecError CODEC_SETTINGS, CODEC_SHAPE, CODEC_HEADER, CODEC_NOT_FINITE
 */
export function encodeUpdate(
  header: UpdateHeader,
  specs: readonly TensorSpec[],
  dense: readonly Float32Array[],
  settings: CodecSettings,
): { bytes: Uint8Array; tensors: SparseTensor[] } {
  checkSettings(settings);
  checkShapes(specs, dense);
  const selector = new Selector(settings.chunk);
  const encoded = specs.map((spec, index) => encodeTensor(spec, dense[index], settings, selector));
  const lengths = encoded.flatMap(({ payload }) => varint(payload.length));
  const payloadLength = encoded.reduce((sum, { payload }) => sum + payload.length, 0);
  const kept = encoded.reduce((sum, { tensor }) => sum + tensor.positions.length, 0);
  const totalLength = HEADER_LENGTH + lengths.length + payloadLength;
  const bytes = new Uint8Array(totalLength);
  writeHeader(bytes, { header, kept, totalLength });
  bytes.set(lengths, HEADER_LENGTH);
  let at = HEADER_LENGTH + lengths.length;
  for (const { payload } of encoded) {
    bytes.set(payload, at);
    at += payload.length;
  }
  return { bytes, tensors: encoded.map(({ tensor }) => tensor) };
}

/**
 * Decodes an update. Whatever the bytes: a valid update or a CodecError, in time and memory that follow from `specs`
 * and `maxBytes`; values are finite and not zero; no two byte strings decode to the same update.
 *
 * @throws CodecError CODEC_TOO_LARGE, CODEC_TRUNCATED, CODEC_MAGIC, CODEC_VERSION, CODEC_LENGTH, CODEC_KEPT,
 *   CODEC_POSITION, CODEC_SCALE, CODEC_LEVEL, CODEC_NOT_CANONICAL, CODEC_SETTINGS
 */
export function decodeUpdate(
  bytes: Uint8Array,
  options: DecodeOptions,
): { header: UpdateHeader; tensors: SparseTensor[] } {
  const { header, kept, payloads } = readFrame(bytes, options);
  const tensors = payloads.map((payload, index) =>
    decodeTensor(payload, extentOf(options.specs[index]), options),
  );
  const actual = tensors.reduce((sum, { positions }) => sum + positions.length, 0);
  if (actual !== kept) {
    throw new CodecError("CODEC_KEPT", "An update keeps another number of values than it says", {
      kept,
      actual,
    });
  }
  return { header, tensors };
}

/**
 * Checks header and lengths and cuts an update into payloads, so that several threads can decode it.
 *
 * @throws CodecError CODEC_TOO_LARGE, CODEC_TRUNCATED, CODEC_MAGIC, CODEC_VERSION, CODEC_LENGTH, CODEC_KEPT,
 *   CODEC_SETTINGS
 */
export function readFrame(bytes: Uint8Array, options: DecodeOptions): UpdateFrame {
  checkSettings(options);
  if (bytes.length > options.maxBytes) {
    const data = { length: bytes.length, maxBytes: options.maxBytes };
    throw new CodecError("CODEC_TOO_LARGE", "An update is larger than the run allows", data);
  }
  const { header, kept } = readHeader(bytes);
  const most = options.specs.reduce((sum, spec) => sum + maxKept(sizeOf(spec), options), 0);
  if (kept > most) {
    throw new CodecError("CODEC_KEPT", "An update claims more values than the run keeps", { kept, most });
  }
  const { lengths, end } = readLengths(bytes, options.specs.length);
  const payloads: Uint8Array[] = [];
  let at = end;
  for (const length of lengths) {
    payloads.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) {
    const data = { stated: at, actual: bytes.length };
    throw new CodecError("CODEC_LENGTH", "The tensors' lengths do not add up to the update's", data);
  }
  return { header, kept, payloads };
}

/** Little-endian groups of 7 bits, the high bit set on all but the last. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

/** Longest varint: 28 bits, payloads below 256 MiB. */
const VARINT_BYTES = 4;

function readLengths(bytes: Uint8Array, count: number): { lengths: number[]; end: number } {
  const lengths: number[] = [];
  let at = HEADER_LENGTH;
  while (lengths.length < count) {
    let value = 0;
    for (let group = 0; ; group++) {
      if (at === bytes.length) throw new CodecError("CODEC_TRUNCATED", "An update ends within its lengths");
      if (group === VARINT_BYTES) throw new CodecError("CODEC_LENGTH", "The length of a tensor is too long");
      const byte = bytes[at++];
      value |= (byte & 127) << (7 * group);
      if (byte > 127) continue;
      if (byte === 0 && group > 0) throw new CodecError("CODEC_NOT_CANONICAL", "A length has leading zeros");
      break;
    }
    lengths.push(value);
  }
  return { lengths, end: at };
}

function checkShapes(specs: readonly TensorSpec[], dense: readonly Float32Array[]): void {
  if (specs.length !== dense.length) {
    const data = { expected: specs.length, actual: dense.length };
    throw new CodecError("CODEC_SHAPE", "The number of tensors is not the manifest's", data);
  }
  specs.forEach((spec, index) => {
    const expected = sizeOf(spec);
    const actual = dense[index].length;
    if (actual === expected) return;
    throw new CodecError("CODEC_SHAPE", `${spec.name} has another size`, {
      tensor: spec.name,
      expected,
      actual,
    });
  });
}
