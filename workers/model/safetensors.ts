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
  const values = tensors.map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  return new Uint8Array(Buffer.concat([length, header, ...values]));
}

/**
 * Values of the named tensors, which must be there as fp32 in the shapes given; others are left out.
 * @throws SafetensorsError
 */
export function readSafetensors(bytes: Uint8Array, specs: readonly TensorSpec[]): Float32Array[] {
  const { entries, start } = readHeader(bytes);
  return specs.map((spec) => {
    const entry = entries.get(spec.name);
    if (entry === undefined) throw new SafetensorsError("a tensor is missing", { tensor: spec.name });
    return readValues(bytes, start, spec, entry);
  });
}

function readHeader(bytes: Uint8Array): { entries: Map<string, unknown>; start: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < LENGTH_BYTES)
    throw new SafetensorsError("shorter than its header", { size: buffer.length });
  const length = buffer.readBigUInt64LE();
  const start = LENGTH_BYTES + Number(length);
  if (length > BigInt(MAX_HEADER_BYTES) || start > buffer.length) {
    throw new SafetensorsError("header longer than the file", {
      header: length.toString(),
      size: buffer.length,
    });
  }
  let header: unknown;
  try {
    header = JSON.parse(buffer.toString("utf8", LENGTH_BYTES, start));
  } catch {
    throw new SafetensorsError("header is not JSON");
  }
  if (typeof header !== "object" || header === null) throw new SafetensorsError("header is not an object");
  return { entries: new Map(Object.entries(header)), start };
}

function readValues(bytes: Uint8Array, start: number, spec: TensorSpec, entry: unknown): Float32Array {
  const size = sizeOf(spec);
  if (!isEntry(entry) || entry.dtype !== "F32" || entry.shape.join() !== spec.shape.join()) {
    throw new SafetensorsError("a tensor has another type or shape", {
      tensor: spec.name,
      expected: spec.shape,
    });
  }
  const [begin, end] = entry.data_offsets;
  const fits =
    begin >= 0 && end - begin === size * Float32Array.BYTES_PER_ELEMENT && start + end <= bytes.length;
  if (!fits) throw new SafetensorsError("a tensor lies outside the file", { tensor: spec.name, begin, end });
  // Copied by the constructor, because values in the file need not be aligned to four bytes; a Buffer's slice is a view.
  return new Float32Array(new Uint8Array(bytes.subarray(start + begin, start + end)).buffer);
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  if (!("dtype" in value && "shape" in value && "data_offsets" in value)) return false;
  const { shape, data_offsets: offsets } = value;
  const integers = (list: unknown) => Array.isArray(list) && list.every(Number.isSafeInteger);
  return integers(shape) && integers(offsets) && Array.isArray(offsets) && offsets.length === 2;
}
