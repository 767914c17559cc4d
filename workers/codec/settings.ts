import { sizeOf, type TensorSpec } from "../protocol/tensors.ts";
import { CodecError } from "./errors.ts";

/** What the run manifest fixes about compression. */
export interface CodecSettings {
  /** Values kept of a full chunk, 1 to `chunk`. */
  readonly topK: number;
  /** Consecutive row-major values that compete with each other, 1 to 65,536. */
  readonly chunk: number;
}

/** Number of a tensor's values, and of those in a row: its last extent, all of a vector's. */
export interface TensorExtent {
  readonly size: number;
  readonly width: number;
}

export function extentOf(spec: TensorSpec): TensorExtent {
  const size = sizeOf(spec);
  const { length, [length - 1]: last } = spec.shape;
  return { size, width: Math.max(1, length < 2 ? size : last) };
}

/** Largest chunk: position coding splits the range (at least 2^24) into as many parts. */
const MAX_CHUNK = 65_536;

/** @throws CodecError CODEC_SETTINGS unless 1 ≤ topK ≤ chunk ≤ 65,536, both whole. */
export function checkSettings({ topK, chunk }: CodecSettings): void {
  const whole = Number.isInteger(topK) && Number.isInteger(chunk);
  if (!whole || topK < 1 || topK > chunk || chunk > MAX_CHUNK) {
    throw new CodecError("CODEC_SETTINGS", `topK ${topK} of chunk ${chunk} is out of bounds`, {
      topK,
      chunk,
    });
  }
}

/** Values kept of a chunk of `length` values: proportional to its length, rounded half up, at least one. */
export function quotaOf(length: number, { topK, chunk }: CodecSettings): number {
  return Math.max(1, Math.floor((2 * length * topK + chunk) / (2 * chunk)));
}

/** Number of chunks of a tensor of `size` values; the last one may be shorter. */
export function chunkCount(size: number, { chunk }: CodecSettings): number {
  return Math.ceil(size / chunk);
}

/** Most values kept of a tensor of `size` values. */
export function maxKept(size: number, settings: CodecSettings): number {
  const full = Math.floor(size / settings.chunk);
  const rest = size - full * settings.chunk;
  return full * settings.topK + (rest > 0 ? quotaOf(rest, settings) : 0);
}
