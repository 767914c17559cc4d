import { FatalError } from "../protocol/errors.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import { sizeOf } from "../protocol/tensors.ts";

/** Bytes are not the safetensors file that was expected; `data` says where. */
export class SafetensorsError extends FatalError {
  constructor(problem: string, data: Readonly<Record<string, unknown>> = {}) {
    super("SAFETENSORS_INVALID", `Safetensors: ${problem}`, { data });
  }
}

export interface NamedValues extends TensorSpec {
  readonly values: Float32Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;
/** Longest header accepted, as in the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Tensors as a safetensors file, fp32 little-endian, in the order given: header length u64, JSON header padded to
 * 8 bytes with spaces, values. Source: https://github.com/huggingface/safetensors#format
 */
export function writeSafetensors(tensors: readonly NamedValues[]): Uint8Array {
  const values = tensors.map(({ values }) => bytesOf(values));
  return new Uint8Array(Buffer.concat([safetensorsHeader(tensors), ...values]));
}

/** What comes before the values in the file of these tensors. */
export function safetensorsHeader(tensors: readonly NamedValues[]): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape, values }) => {
    const begin = offset;
    offset += values.byteLength;
    const entry: Entry = { dtype: "F32", shape, data_offsets: [begin, offset] };
    return [name, entry];
  });
  // transformers refuses files that do not say which framework's layout they have.
  const json = JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(entries) });
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8), "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
}

export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * Values of the named tensors, which must be there in the shapes given; others are left out. 16-bit floats are widened.
 * @throws SafetensorsError
 */
export function readSafetensors(bytes: Uint8Array, specs: readonly TensorSpec[]): Float32Array[] {
  const header = readHeader(bytes, bytes.length);
  return specs.map((spec) => {
    const { begin, end, widen } = placeOf(header, spec);
    // Copied by the constructor, because values in the file need not be aligned to four bytes; a Buffer's slice is a view.
    return widen(new Uint8Array(bytes.subarray(begin, end)).buffer);
  });
}

/** A file's table of contents. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, unknown>;
  /** Where values start. */
  readonly start: number;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Bytes that the header takes, by the first eight of the file. @throws SafetensorsError */
export function headerLength(first: Uint8Array, size: number): number {
  const buffer = Buffer.from(first.buffer, first.byteOffset, first.byteLength);
  if (buffer.length < LENGTH_BYTES) throw new SafetensorsError("shorter than its header", { size });
  const length = buffer.readBigUInt64LE();
  const start = LENGTH_BYTES + Number(length);
  if (length > BigInt(MAX_HEADER_BYTES) || start > size) {
    throw new SafetensorsError("header longer than the file", { header: length.toString(), size });
  }
  return start;
}

/**
 * The table of contents.
 * @param bytes the file, or as much of it as its header takes
 * @param size bytes of the whole file
 * @throws SafetensorsError
 */
export function readHeader(bytes: Uint8Array, size: number): SafetensorsHeader {
  const start = headerLength(bytes.subarray(0, LENGTH_BYTES), size);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, start)));
  } catch {
    throw new SafetensorsError("header is not JSON");
  }
  if (typeof header !== "object" || header === null) throw new SafetensorsError("header is not an object");
  return { entries: new Map(Object.entries(header)), start, size };
}

/** Where a tensor's bytes lie in the file, and the way from them to fp32. */
export interface Place {
  readonly begin: number;
  readonly end: number;
  readonly widen: (buffer: ArrayBuffer) => Float32Array;
}

/** @throws SafetensorsError when the tensor is not there, or of another type, shape or size */
export function placeOf({ entries, start, size }: SafetensorsHeader, spec: TensorSpec): Place {
  const entry = entries.get(spec.name);
  if (entry === undefined) throw new SafetensorsError("a tensor is missing", { tensor: spec.name });
  const expected = { tensor: spec.name, expected: spec.shape };
  if (!isEntry(entry)) throw new SafetensorsError("a tensor's entry is malformed", expected);
  const type = elementTypes.get(entry.dtype);
  if (type === undefined) {
    throw new SafetensorsError("a tensor has a type that is not read", { ...expected, type: entry.dtype });
  }
  if (entry.shape.join() !== spec.shape.join()) {
    throw new SafetensorsError("a tensor has another shape", { ...expected, shape: entry.shape });
  }
  const [begin, end] = entry.data_offsets;
  const fits = begin >= 0 && end - begin === sizeOf(spec) * type.bytes && start + end <= size;
  if (!fits) throw new SafetensorsError("a tensor lies outside the file", { tensor: spec.name, begin, end });
  return { begin: start + begin, end: start + end, widen: type.widen };
}

/** Types that a file's tensors may have, with the way to fp32. */
const elementTypes: ReadonlyMap<
  string,
  { readonly bytes: number; readonly widen: (buffer: ArrayBuffer) => Float32Array }
> = new Map([
  ["F32", { bytes: 4, widen: (buffer: ArrayBuffer) => new Float32Array(buffer) }],
  [
    "F16",
    { bytes: 2, widen: (buffer: ArrayBuffer) => Float32Array.from(new Uint16Array(buffer), halfToFloat) },
  ],
  [
    "BF16",
    {
      bytes: 2,
      // The upper half of a fp32.
      widen: (buffer: ArrayBuffer) =>
        new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
    },
  ],
]);

/** IEEE 754 binary16 → number, exact. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  if (!("dtype" in value && "shape" in value && "data_offsets" in value)) return false;
  const { shape, data_offsets: offsets } = value;
  const integers = (list: unknown) => Array.isArray(list) && list.every(Number.isSafeInteger);
  return integers(shape) && integers(offsets) && Array.isArray(offsets) && offsets.length === 2;
}
