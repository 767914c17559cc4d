import { CodecError } from "./errors.ts";
import { SMALLEST_KEY } from "./quantiser.ts";

const MAGNITUDE = 0x7fff_ffff;
const INFINITY_KEY = 0x7f80_0000;
/** How far below the last threshold the next chunk's candidates start: 3/8 of an octave, in key units. */
const MARGIN = 3 << 20;
const BUCKET_SHIFT = 19;

/**
 * Finds the k largest magnitudes of chunk after chunk in about one pass: only values above a guess, the last
 * chunk's threshold less a margin, are looked at closely. A guess that lets too few through is replaced by a
 * histogram. The result is the exact set either way. Magnitudes are compared as fp32 bit patterns ("keys").
 */
export class Selector {
  private readonly keys: Uint32Array;
  private readonly cells: Uint32Array;
  private readonly scratch: Uint32Array;
  private readonly histogram = new Uint32Array((MAGNITUDE >>> BUCKET_SHIFT) + 1);
  private guess = 0;
  private tensor = "";

  constructor(chunk: number) {
    this.keys = new Uint32Array(chunk);
    this.cells = new Uint32Array(chunk);
    this.scratch = new Uint32Array(chunk);
  }

  /** Forgets the last threshold: the next chunks belong to `tensor`. */
  begin(tensor: string): void {
    this.guess = 0;
    this.tensor = tensor;
  }

  /**
   * Writes the positions of the `quota` largest magnitudes of `bits[start … end)`, ascending; of equal magnitudes the
   * lower positions. Zeros and subnormal numbers are never selected, so there may be fewer.
   *
   * @param bits fp32 bit patterns of the tensor
   * @returns how many positions were written from `positions[at]` on
   * @throws CodecError CODEC_NOT_FINITE for NaN or infinity in the chunk
   */
  select(
    bits: Uint32Array,
    start: number,
    end: number,
    quota: number,
    positions: Uint32Array,
    at: number,
  ): number {
    let found = this.guess === 0 ? 0 : this.collect(bits, start, end, this.guess);
    if (found < quota) found = this.collect(bits, start, end, this.bucketOf(bits, start, end, quota));
    if (found <= quota) {
      for (let i = 0; i < found; i++) positions[at + i] = this.cells[i];
      this.guess = 0;
      return found;
    }
    const { keys, cells, scratch } = this;
    for (let i = 0; i < found; i++) scratch[i] = keys[i];
    const threshold = nthLargest(scratch, found, quota);
    let above = 0;
    for (let i = 0; i < found; i++) if (keys[i] > threshold) above += 1;
    let ties = quota - above;
    let written = at;
    for (let i = 0; i < found; i++) {
      if (keys[i] > threshold || (keys[i] === threshold && ties-- > 0)) positions[written++] = cells[i];
    }
    this.guess = Math.max(SMALLEST_KEY, threshold - MARGIN);
    return quota;
  }

  /** Notes keys and positions of all magnitudes from `least` on. */
  private collect(bits: Uint32Array, start: number, end: number, least: number): number {
    const { keys, cells } = this;
    let found = 0;
    let largest = 0;
    for (let i = start; i < end; i++) {
      const key = bits[i] & MAGNITUDE;
      if (key < least) continue;
      keys[found] = key;
      cells[found++] = i;
      if (key > largest) largest = key;
    }
    if (largest >= INFINITY_KEY) {
      const { tensor } = this;
      throw new CodecError("CODEC_NOT_FINITE", `${tensor} holds NaN or infinity`, {
        tensor,
        chunkStart: start,
      });
    }
    return found;
  }

  /** Smallest key of the histogram bucket that holds the threshold; the smallest key of all when few values count. */
  private bucketOf(bits: Uint32Array, start: number, end: number, quota: number): number {
    const { histogram } = this;
    histogram.fill(0);
    for (let i = start; i < end; i++) histogram[(bits[i] & MAGNITUDE) >>> BUCKET_SHIFT] += 1;
    let bucket = histogram.length;
    let above = 0;
    while (above < quota && bucket > 0) above += histogram[--bucket];
    return Math.max(SMALLEST_KEY, bucket << BUCKET_SHIFT);
  }
}

/** The n-th largest (1 is the largest) of the first `count` entries, which it reorders. */
function nthLargest(entries: Uint32Array, count: number, n: number): number {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = entries[(left + right) >> 1];
    let i = left;
    let j = right;
    while (i <= j) {
      while (entries[i] > pivot) i += 1;
      while (entries[j] < pivot) j -= 1;
      if (i > j) break;
      const swapped = entries[i];
      entries[i++] = entries[j];
      entries[j--] = swapped;
    }
    if (n - 1 <= j) right = j;
    else if (n - 1 >= i) left = i;
    else break;
  }
  return entries[n - 1];
}
