import { GAP_MORE, GAP_REST } from "./contexts.ts";
import { CodecError } from "./errors.ts";
import type { SymbolCoder } from "./rangeCoder.ts";

/**
 * Codes `count` ascending positions of a chunk of `length` cells, `positions[start …]`, as gaps in free cells. What is
 * left of the chunk fixes the expected gap, so one set of contexts serves every density and chunk length.
 *
 * @param base position of the chunk's first cell in the tensor
 * @throws CodecError CODEC_POSITION (decoding) for a position outside the chunk
 */
export function codePositions(
  coder: SymbolCoder,
  positions: Uint32Array,
  start: number,
  count: number,
  base: number,
  length: number,
): void {
  let next = 0;
  for (let left = count; left > 0; left--) {
    const at = start + count - left;
    const gap = codeGap(coder, length - next, left, coder.decoding ? 0 : positions[at] - base - next);
    if (coder.decoding) positions[at] = base + next + gap;
    next += gap + 1;
  }
}

/** Codes how many of `cells` cells are skipped before the next of `left` positions: 0 to cells − left. */
function codeGap(coder: SymbolCoder, cells: number, left: number, gap: number): number {
  const slack = cells - left;
  if (slack === 0) return 0;
  if (left === 1) return coder.uniform(cells, gap);
  const quarters = Math.floor((4 * cells) / left); // cells a position, in quarters: at least 4
  const shift = 29 - Math.clz32(quarters);
  const model = (left < 4 ? 0 : left < 9 ? 1 : 2) * 4 + ((quarters >>> shift) & 3);
  const limit = slack >>> shift;
  const steps = gap >>> shift;
  let step = 0;
  while (step < limit && coder.bit(GAP_MORE + model * 3 + Math.min(step, 2), step < steps ? 1 : 0) === 1)
    step += 1;
  const decoded = (step << shift) | codeRest(coder, GAP_REST + model * 3, shift, gap & ((1 << shift) - 1));
  if (decoded > slack)
    throw new CodecError("CODEC_POSITION", "A position lies outside its chunk", { cells, left });
  return decoded;
}

/** Codes `width` bits: the upper two by context, what is below them as equally likely. */
function codeRest(coder: SymbolCoder, context: number, width: number, rest: number): number {
  if (width === 0) return 0;
  const first = coder.bit(context, (rest >>> (width - 1)) & 1);
  if (width === 1) return first;
  const top = (first << 1) | coder.bit(context + 1 + first, (rest >>> (width - 2)) & 1);
  if (width === 2) return top;
  const low = width - 2;
  return (top << low) | coder.uniform(1 << low, rest & ((1 << low) - 1));
}
