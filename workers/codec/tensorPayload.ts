import type { TensorSpec } from "../protocol/tensors.ts";
import { PRIORS } from "./contexts.ts";
import { LEVEL_BIT, magnitudeOf, quantiseChunk, SIGN_BIT } from "./quantiser.ts";
import { RangeDecoder, RangeEncoder } from "./rangeCoder.ts";
import type { Selector } from "./selection.ts";
import { type CodecSettings, extentOf, quotaOf, type TensorExtent } from "./settings.ts";
import type { SparseTensor } from "./sparseTensor.ts";
import { codeTensor, emptySymbols, type TensorSymbols } from "./tensorCode.ts";

/**
 * Selects, quantises and codes one tensor.
 *
 * @param dense row-major values
 * @returns the payload, and the tensor as every decoder of the payload sees it
 * @throws CodecError CODEC_NOT_FINITE
 */
export function encodeTensor(
  spec: TensorSpec,
  dense: Float32Array,
  settings: CodecSettings,
  selector: Selector,
): { payload: Uint8Array; tensor: SparseTensor } {
  const symbols = emptySymbols(dense.length, settings);
  selectTensor(spec.name, dense, settings, selector, symbols);
  const kept = gather(dense, symbols.positions.subarray(0, symbols.kept));
  let at = 0;
  symbols.counts.forEach((count, chunk) => {
    if (count === 0) return;
    const { scale, spread } = quantiseChunk(kept, symbols.codes, at, count);
    symbols.scales[chunk] = scale;
    symbols.spreads[chunk] = spread;
    at += count;
  });
  const coder = new RangeEncoder(PRIORS);
  codeTensor(coder, extentOf(spec), settings, symbols);
  return { payload: coder.finish(), tensor: sparseOf(symbols) };
}

/**
 * Decodes one tensor. Time and memory follow from `extent` and `settings` alone.
 *
 * @throws CodecError CODEC_POSITION, CODEC_SCALE, CODEC_LEVEL, CODEC_NOT_CANONICAL
 */
export function decodeTensor(
  payload: Uint8Array,
  extent: TensorExtent,
  settings: CodecSettings,
): SparseTensor {
  const symbols = emptySymbols(extent.size, settings);
  const coder = new RangeDecoder(PRIORS, payload);
  codeTensor(coder, extent, settings, symbols);
  coder.finish();
  return sparseOf(symbols);
}

function selectTensor(
  name: string,
  dense: Float32Array,
  settings: CodecSettings,
  selector: Selector,
  symbols: TensorSymbols,
): void {
  const bits = new Uint32Array(dense.buffer, dense.byteOffset, dense.length);
  selector.begin(name);
  for (let chunk = 0; chunk < symbols.counts.length; chunk++) {
    const start = chunk * settings.chunk;
    const end = Math.min(start + settings.chunk, dense.length);
    const quota = quotaOf(end - start, settings);
    symbols.counts[chunk] = selector.select(bits, start, end, quota, symbols.positions, symbols.kept);
    symbols.kept += symbols.counts[chunk];
  }
}

function gather(dense: Float32Array, positions: Uint32Array): Float32Array {
  const values = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i++) values[i] = dense[positions[i]];
  return values;
}

function sparseOf(symbols: TensorSymbols): SparseTensor {
  const { kept, codes, counts, scales } = symbols;
  const values = new Float32Array(kept);
  let at = 0;
  for (let chunk = 0; chunk < counts.length; chunk++) {
    if (counts[chunk] === 0) continue;
    const low = magnitudeOf(scales[chunk], 0);
    for (const end = at + counts[chunk]; at < end; at++) {
      const magnitude = (codes[at] & LEVEL_BIT) === 0 ? low : 2 * low;
      values[at] = (codes[at] & SIGN_BIT) === 0 ? magnitude : -magnitude;
    }
  }
  return { positions: symbols.positions.slice(0, kept), values };
}
