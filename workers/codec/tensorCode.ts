import { Columns } from "./columns.ts";
import { COUNT_EMPTY, COUNT_FULL, LEVEL, SCALE_FIRST, SCALE_NEXT, SPREAD } from "./contexts.ts";
import { CodecError } from "./errors.ts";
import { LEVEL_BIT, SCALE_MAX, SCALE_MIN } from "./quantiser.ts";
import type { SymbolCoder } from "./rangeCoder.ts";
import { type CodecSettings, chunkCount, maxKept, quotaOf, type TensorExtent } from "./settings.ts";

/** One tensor as symbols: what is coded, before or after the range coder. */
export interface TensorSymbols {
  /** Kept values in total. */
  kept: number;
  /** Per chunk: kept values, scale code (0 when empty), 1 for two levels. */
  readonly counts: Uint32Array;
  readonly scales: Int16Array;
  readonly spreads: Uint8Array;
  /** Per kept value: position in the tensor, sign and level bits. The arrays may be longer than `kept`. */
  readonly positions: Uint32Array;
  readonly codes: Uint8Array;
}

export function emptySymbols(size: number, settings: CodecSettings): TensorSymbols {
  const chunks = chunkCount(size, settings);
  const most = maxKept(size, settings);
  return {
    kept: 0,
    counts: new Uint32Array(chunks),
    scales: new Int16Array(chunks),
    spreads: new Uint8Array(chunks),
    positions: new Uint32Array(most),
    codes: new Uint8Array(most),
  };
}

/** Where the prediction of a tensor's first scale starts: 2^−10. */
const SCALE_START = -160;

/**
 * Writes `symbols` to the coder, or fills them from it: one function, both directions.
 *
 * @param extent of the tensor, from the manifest
 * @throws CodecError (decoding) CODEC_POSITION, CODEC_SCALE, CODEC_LEVEL, CODEC_NOT_CANONICAL
 */
export function codeTensor(
  coder: SymbolCoder,
  extent: TensorExtent,
  settings: CodecSettings,
  symbols: TensorSymbols,
): void {
  const { counts, scales, spreads, positions, codes } = symbols;
  const columns = new Columns(extent, settings);
  let at = 0;
  let partial = 0;
  let spread = 0;
  let scale = SCALE_START;
  let scaleContext = SCALE_FIRST;
  for (let chunk = 0; chunk < counts.length; chunk++) {
    const base = chunk * settings.chunk;
    const length = Math.min(settings.chunk, extent.size - base);
    const quota = quotaOf(length, settings);
    const count = codeCount(coder, partial, quota, counts[chunk]);
    counts[chunk] = count;
    partial = count < quota ? 1 : 0;
    if (count === 0) continue;
    scale += codeDifference(coder, scaleContext, scales[chunk] - scale);
    if (scale < SCALE_MIN || scale > SCALE_MAX) {
      throw new CodecError("CODEC_SCALE", "A chunk's scale is off the grid", { chunk, scale });
    }
    scales[chunk] = scale;
    scaleContext = SCALE_NEXT;
    spread = count > 1 ? coder.bit(SPREAD + spread, spreads[chunk]) : 0;
    spreads[chunk] = spread;
    columns.codePositions(coder, positions, at, count, base, length);
    columns.codeSigns(coder, positions, codes, at, count);
    if (spread === 1) codeLevels(coder, codes, at, count);
    at += count;
  }
  symbols.kept = at;
}

function codeCount(coder: SymbolCoder, partial: number, quota: number, count: number): number {
  if (coder.bit(COUNT_FULL + partial, count === quota ? 1 : 0) === 1) return quota;
  if (quota === 1 || coder.bit(COUNT_EMPTY, count === 0 ? 1 : 0) === 1) return 0;
  return 1 + coder.uniform(quota - 1, count - 1);
}

/** Widest difference between two scales has 13 bits. */
const DIFFERENCE_BITS = 12;

/** Signed Exp-Golomb: is it zero, length class of the magnitude, sign, bits below the leading one. */
export function codeDifference(coder: SymbolCoder, context: number, difference: number): number {
  if (coder.bit(context, difference === 0 ? 0 : 1) === 0) return 0;
  const magnitude = Math.abs(difference);
  const width = 31 - Math.clz32(magnitude);
  let bits = 0;
  while (bits < DIFFERENCE_BITS && coder.bit(context + 1 + Math.min(bits, 10), bits < width ? 1 : 0) === 1)
    bits += 1;
  const negative = coder.uniform(2, difference < 0 ? 1 : 0);
  const decoded = (1 << bits) | coder.uniform(1 << bits, magnitude & ((1 << bits) - 1));
  return negative === 1 ? -decoded : decoded;
}

/** Two levels must both occur: otherwise one level would say the same. */
function codeLevels(coder: SymbolCoder, codes: Uint8Array, start: number, count: number): void {
  let level = 0;
  let high = 0;
  for (let i = start; i < start + count; i++) {
    level = coder.bit(LEVEL + level, (codes[i] & LEVEL_BIT) === 0 ? 0 : 1);
    high += level;
    if (coder.decoding && level === 1) codes[i] |= LEVEL_BIT;
  }
  if (high === 0 || high === count) {
    throw new CodecError("CODEC_LEVEL", "A chunk with two levels uses one", { high, count });
  }
}
