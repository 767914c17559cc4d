import { SIGN } from "./contexts.ts";
import { codePositions } from "./positions.ts";
import { SIGN_BIT } from "./quantiser.ts";
import type { SymbolCoder } from "./rangeCoder.ts";
import type { CodecSettings, TensorExtent } from "./settings.ts";

/** A column is hot from so many kept values on, and from so many times the average on. */
const HOT_LEAST = 3;
const HOT_TIMES = 4;
/** Chunks are split once hot cells have kept so many times their share. */
const SPLIT_TIMES = 3;
/** Cells after which what was seen of the shares counts half. */
const MEMORY_CELLS = 2 ** 20;

/**
 * What the chunks before have shown of a tensor's columns (position modulo its last extent): where gradients are large in the
 * same columns of many rows, positions there are likelier, and their signs mostly the column's. Both directions keep it alike.
 */
export class Columns {
  readonly #width: number;
  readonly #seen: Uint32Array;
  /** 0 before the first, 1 after a positive value, 2 after a negative one. */
  readonly #signs: Uint8Array;
  #most = 0;
  #total = 0;
  /** Cells and kept values so far, of all and of those that lay in hot columns. */
  #cells = 0;
  #kept = 0;
  #hotCells = 0;
  #hotKept = 0;
  /** Per cell of a chunk that is split: its number among those of its kind. */
  readonly #ranks: Uint32Array;
  readonly #hot: Uint32Array;
  readonly #cold: Uint32Array;

  constructor({ width }: TensorExtent, { chunk }: CodecSettings) {
    this.#width = width;
    this.#seen = new Uint32Array(width);
    this.#signs = new Uint8Array(width);
    this.#ranks = new Uint32Array(chunk);
    this.#hot = new Uint32Array(chunk);
    this.#cold = new Uint32Array(chunk);
  }

  /**
   * Codes the positions of a chunk as `codePositions` does; of a chunk that is split those in hot columns first, then the
   * others.
   * @throws CodecError CODEC_POSITION (decoding)
   */
  codePositions(
    coder: SymbolCoder,
    positions: Uint32Array,
    start: number,
    count: number,
    base: number,
    length: number,
  ): void {
    const hot = this.#hotIn(base, length);
    if (hot > 0 && hot < length && this.#splits())
      this.#codeSplit(coder, positions, start, count, base, length, hot);
    else codePositions(coder, positions, start, count, base, length);
    this.#cells += length;
    this.#kept += count;
    this.#hotCells += hot;
    if (hot > 0) {
      for (let i = start; i < start + count; i++)
        if (this.#isHot(positions[i] % this.#width)) this.#hotKept += 1;
    }
    if (this.#cells >= MEMORY_CELLS) this.#forgetHalf();
  }

  /** Codes the signs of positions that are known, each by the last sign in its column, and notes the columns. */
  codeSigns(
    coder: SymbolCoder,
    positions: Uint32Array,
    codes: Uint8Array,
    start: number,
    count: number,
  ): void {
    for (let i = start; i < start + count; i++) {
      const column = positions[i] % this.#width;
      const negative = coder.bit(SIGN + this.#signs[column], codes[i] & SIGN_BIT);
      if (coder.decoding) codes[i] = negative;
      this.#signs[column] = 1 + negative;
      this.#seen[column] += 1;
      if (this.#seen[column] > this.#most) this.#most = this.#seen[column];
    }
    this.#total += count;
  }

  #isHot(column: number): boolean {
    const seen = this.#seen[column];
    return seen >= HOT_LEAST && seen * this.#width >= HOT_TIMES * this.#total;
  }

  /** Cells of a chunk in hot columns. */
  #hotIn(base: number, length: number): number {
    if (this.#most < HOT_LEAST || this.#most * this.#width < HOT_TIMES * this.#total) return 0;
    let hot = 0;
    for (let cell = 0; cell < Math.min(this.#width, length); cell++) {
      if (this.#isHot((base + cell) % this.#width)) hot += 1 + Math.floor((length - 1 - cell) / this.#width);
    }
    return hot;
  }

  #splits(): boolean {
    return this.#hotCells > 0 && this.#hotKept * this.#cells >= SPLIT_TIMES * this.#hotCells * this.#kept;
  }

  #forgetHalf(): void {
    this.#cells = Math.floor(this.#cells / 2);
    this.#kept = Math.floor(this.#kept / 2);
    this.#hotCells = Math.floor(this.#hotCells / 2);
    this.#hotKept = Math.floor(this.#hotKept / 2);
  }

  #codeSplit(
    coder: SymbolCoder,
    positions: Uint32Array,
    start: number,
    count: number,
    base: number,
    length: number,
    hotCells: number,
  ): void {
    const [hot, cold] = [new Uint32Array(count), new Uint32Array(count)];
    const { inHot } = this.#rank(base, length, positions, start, coder.decoding ? 0 : count, hot, cold);
    const least = Math.max(0, count - (length - hotCells));
    const most = Math.min(count, hotCells);
    const there = least + coder.uniform(most - least + 1, inHot - least);
    codePositions(coder, hot, 0, there, 0, hotCells);
    codePositions(coder, cold, 0, count - there, 0, length - hotCells);
    if (!coder.decoding) return;
    for (let i = 0, [h, c] = [0, 0]; i < count; i++) {
      const nextHot = h < there ? this.#hot[hot[h]] : length;
      const nextCold = c < count - there ? this.#cold[cold[c]] : length;
      if (nextHot < nextCold) h += 1;
      else c += 1;
      positions[start + i] = base + Math.min(nextHot, nextCold);
    }
  }

  /** Numbers the cells of each kind, and sorts `count` positions into numbers of theirs. */
  #rank(
    base: number,
    length: number,
    positions: Uint32Array,
    start: number,
    count: number,
    hot: Uint32Array,
    cold: Uint32Array,
  ): { inHot: number } {
    let [hots, colds] = [0, 0];
    for (let cell = 0; cell < length; cell++) {
      const isHot = this.#isHot((base + cell) % this.#width);
      this.#ranks[cell] = isHot ? hots : colds;
      if (isHot) this.#hot[hots++] = cell;
      else this.#cold[colds++] = cell;
    }
    let inHot = 0;
    for (let i = 0; i < count; i++) {
      const position = positions[start + i];
      const rank = this.#ranks[position - base];
      if (this.#isHot(position % this.#width)) hot[inHot++] = rank;
      else cold[i - inHot] = rank;
    }
    return { inHot };
  }
}
