/**
 * Derives the priors of the update format's contexts and prints them: `node tools/derive-codec-priors.ts`.
 * Gaps: chunks with uniformly random positions at the default density, full chunks and the shorter ones of small
 * tensors. Scales: chunk after chunk of one tensor differs by a few steps of the log grid. The printed numbers are
 * pinned in workers/codec/contexts.ts; running this again changes nothing by itself.
 */
import { CONTEXT_COUNT, GAP_MORE, SCALE_FIRST, SCALE_NEXT, SIGN } from "../workers/codec/contexts.ts";
import { codePositions } from "../workers/codec/positions.ts";
import type { SymbolCoder } from "../workers/codec/rangeCoder.ts";
import { quotaOf } from "../workers/codec/settings.ts";
import { codeDifference } from "../workers/codec/tensorCode.ts";

const SETTINGS = { topK: 64, chunk: 4096 };

/** Counts zeros and ones per context, codes nothing. */
class Census implements SymbolCoder {
  readonly decoding = false;
  readonly zeros = new Float64Array(CONTEXT_COUNT);
  readonly ones = new Float64Array(CONTEXT_COUNT);
  uniformBits = 0;

  bit(context: number, value: number): number {
    (value === 1 ? this.ones : this.zeros)[context] += 1;
    return value;
  }

  uniform(total: number, value: number): number {
    this.uniformBits += Math.log2(total);
    return value;
  }

  /** Share of ones in 65,536ths, at most 99 to 1; a context never met takes its neighbour's. */
  prior(context: number): number {
    const seen = this.ones[context] + this.zeros[context];
    if (seen === 0) return context === 0 ? 32_768 : this.prior(context - 1);
    const share = Math.round((this.ones[context] / seen) * 65_536);
    return Math.min(64_881, Math.max(655, share));
  }

  bits(first: number, end: number): number {
    let bits = 0;
    for (let context = first; context < end; context++) {
      const share = this.prior(context) / 65_536;
      bits -= this.ones[context] * Math.log2(share) + this.zeros[context] * Math.log2(1 - share);
    }
    return bits;
  }
}

let state = 1;
/** Uniform in (0, 1): a small generator, so that the figures can be reproduced. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return (state + 0.5) / 2 ** 32;
}

function randomPositions(length: number, count: number): Uint32Array {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(Math.floor(random() * length));
  return Uint32Array.from(chosen).sort();
}

/** Standard normal. */
function gaussian(): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

const census = new Census();
const LENGTHS = [96, 128, 192, 256, 384, 512, 768, 1024, 2048, 3072];
let positions = 0;
for (let trial = 0; trial < 20_000; trial++) {
  const length = trial % 8 === 0 ? LENGTHS[Math.floor(random() * LENGTHS.length)] : SETTINGS.chunk;
  const quota = quotaOf(length, SETTINGS);
  codePositions(census, randomPositions(length, quota), 0, quota, 0, length);
  positions += quota;
}
console.log("bits per position", (census.bits(0, CONTEXT_COUNT) + census.uniformBits) / positions);

for (let trial = 0; trial < 100_000; trial++) {
  codeDifference(census, SCALE_FIRST, Math.round(gaussian() * 40));
  codeDifference(census, SCALE_NEXT, Math.round(gaussian() * 3));
}
const section = (first: number, end: number) =>
  Array.from({ length: end - first }, (_, index) => census.prior(first + index)).join(", ");
console.log("first scale:", section(SCALE_FIRST, SCALE_NEXT));
console.log("next scale:", section(SCALE_NEXT, GAP_MORE));
console.log("gaps:", section(GAP_MORE, SIGN));
