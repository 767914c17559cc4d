import { readFileSync } from "node:fs";

/**
 * A second decoder of updates, written from docs/protocol/update-format.md alone: plain, slow, in big integers, sharing
 * nothing with workers/codec. Even the priors are read out of that page. Throws `Refused` for invalid bytes.
 */
export class Refused extends Error {}

export interface PlainUpdate {
  manifestHash: string;
  round: number;
  neuronId: bigint;
  parentRoot: string;
  stateBefore: string;
  stateAfter: string;
  tensors: { positions: number[]; values: number[] }[];
}

interface Settings {
  /** Extents per tensor. */
  shapes: number[][];
  topK: number;
  chunk: number;
}

const page = readFileSync(new URL("../../docs/protocol/update-format.md", import.meta.url), "utf8");
const PRIORS: [number, number][] = JSON.parse(page.split("```json priors\n")[1].split("```")[0]);
const M = page
  .split("    M = ")[1]
  .split("\n\n")[0]
  .split(/\s+/)
  .map((mantissa) => BigInt(mantissa));

export function decodePlainly(bytes: Uint8Array, settings: Settings): PlainUpdate {
  if (bytes.length < 153) throw new Refused("short");
  if (hexOf(bytes, 0, 4) !== "57454654" || bytes[4] !== 2) throw new Refused("magic or version");
  if (numberAt(bytes, 149, 4) !== BigInt(bytes.length)) throw new Refused("total length");
  const lengths: number[] = [];
  let at = 153;
  for (const _ of settings.shapes) {
    let length = 0;
    for (let group = 0, more = true; more; group++) {
      if (at >= bytes.length || group === 4) throw new Refused("lengths");
      const byte = bytes[at++];
      length += (byte % 128) * 128 ** group;
      more = byte >= 128;
      if (!more && byte === 0 && group > 0) throw new Refused("length not minimal");
    }
    lengths.push(length);
  }
  if (at + lengths.reduce((sum, length) => sum + length, 0) !== bytes.length)
    throw new Refused("sum of lengths");
  const tensors = settings.shapes.map((shape, index) => {
    const payload = [...bytes.slice(at, at + lengths[index])];
    at += lengths[index];
    return decodeTensor(payload, shape, settings);
  });
  const kept = tensors.reduce((sum, { positions }) => sum + positions.length, 0);
  if (numberAt(bytes, 145, 4) !== BigInt(kept)) throw new Refused("kept");
  return {
    manifestHash: `0x${hexOf(bytes, 5, 32)}`,
    round: Number(numberAt(bytes, 37, 4)),
    neuronId: numberAt(bytes, 41, 8),
    parentRoot: `0x${hexOf(bytes, 49, 32)}`,
    stateBefore: `0x${hexOf(bytes, 81, 32)}`,
    stateAfter: `0x${hexOf(bytes, 113, 32)}`,
    tensors,
  };
}

function decodeTensor(payload: number[], shape: number[], { topK, chunk }: Settings) {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const width = Math.max(1, shape.length < 2 ? size : shape[shape.length - 1]);
  const columns = new Map<number, { seen: number; sign: number }>();
  const known = (position: number) => columns.get(position % width) ?? { seen: 0, sign: 0 };
  let total = 0;
  let share = { cells: 0, kept: 0, hotCells: 0, hotKept: 0 };
  const coder = new PlainRangeDecoder(payload);
  const positions: number[] = [];
  const values: number[] = [];
  let [partial, spread, scale, first] = [0, 0, -160, true];
  for (let base = 0; base < size; base += chunk) {
    const n = Math.min(chunk, size - base);
    const quota = Math.max(1, Math.floor((2 * n * topK + chunk) / (2 * chunk)));
    let count = quota;
    if (coder.bit(partial) === 1) partial = 0;
    else {
      partial = 1;
      if (quota === 1 || coder.bit(2) === 1) continue;
      count = 1 + coder.uniform(quota - 1);
    }
    scale += difference(coder, first ? 7 : 19);
    first = false;
    if (scale < -2016 || scale > 2015) throw new Refused("scale");
    spread = count > 1 ? coder.bit(3 + spread) : 0;
    const isHot = (position: number) => {
      const { seen } = known(position);
      return seen >= 3 && seen * width >= 4 * total;
    };
    const cells = Array.from({ length: n }, (_, cell) => base + cell);
    const [hot, cold] = [cells.filter(isHot), cells.filter((cell) => !isHot(cell))];
    const shares = share.hotCells > 0 && share.hotKept * share.cells >= 3 * share.hotCells * share.kept;
    let chosen: number[];
    if (hot.length > 0 && cold.length > 0 && shares) {
      const least = Math.max(0, count - cold.length);
      const inHot = least + coder.uniform(Math.min(count, hot.length) - least + 1);
      const first = chunkPositions(coder, hot.length, inHot).map((number) => hot[number]);
      const second = chunkPositions(coder, cold.length, count - inHot).map((number) => cold[number]);
      chosen = [...first, ...second].sort((a, b) => a - b);
    } else chosen = chunkPositions(coder, n, count).map((position) => base + position);
    positions.push(...chosen);
    share.cells += n;
    share.kept += count;
    share.hotCells += hot.length;
    share.hotKept += chosen.filter(isHot).length;
    if (share.cells >= 2 ** 20) {
      const halves = Object.entries(share).map(([name, number]) => [name, Math.floor(number / 2)]);
      share = Object.fromEntries(halves);
    }
    const negative: boolean[] = [];
    for (const position of chosen) {
      const { seen, sign } = known(position);
      const bit = coder.bit(103 + sign);
      negative.push(bit === 1);
      columns.set(position % width, { seen: seen + 1, sign: bit === 1 ? 2 : 1 });
    }
    total += count;
    const levels: number[] = [];
    for (let i = 0; i < count; i++) levels.push(spread === 0 ? 0 : coder.bit(5 + (levels[i - 1] ?? 0)));
    if (spread === 1 && new Set(levels).size < 2) throw new Refused("levels");
    levels.forEach((level, i) => {
      values.push(floatOf(negative[i], Math.floor(scale / 16) + 127 + level, M[((scale % 16) + 16) % 16]));
    });
  }
  coder.end();
  return { positions, values };
}

function difference(coder: PlainRangeDecoder, context: number): number {
  if (coder.bit(context) === 0) return 0;
  let width = 0;
  while (width < 12 && coder.bit(context + 1 + Math.min(width, 10)) === 1) width += 1;
  const negative = coder.uniform(2) === 1;
  const magnitude = 2 ** width + coder.uniform(2 ** width);
  return negative ? -magnitude : magnitude;
}

function chunkPositions(coder: PlainRangeDecoder, n: number, count: number): number[] {
  const positions: number[] = [];
  let next = 0;
  for (let left = count; left >= 1; left--) {
    const cells = n - next;
    const slack = cells - left;
    let gap = 0;
    if (slack > 0 && left === 1) gap = coder.uniform(cells);
    else if (slack > 0) {
      const quarters = Math.floor((4 * cells) / left);
      let shift = -2;
      while (2 ** (shift + 3) <= quarters) shift += 1;
      const model = 4 * (left < 4 ? 0 : left < 9 ? 1 : 2) + (Math.floor(quarters / 2 ** shift) % 4);
      let steps = 0;
      while (steps < Math.floor(slack / 2 ** shift) && coder.bit(31 + 3 * model + Math.min(steps, 2)) === 1)
        steps += 1;
      gap = steps * 2 ** shift;
      if (shift >= 1) {
        const b = coder.bit(67 + 3 * model);
        gap += b * 2 ** (shift - 1);
        if (shift >= 2) gap += coder.bit(67 + 3 * model + 1 + b) * 2 ** (shift - 2);
        if (shift >= 3) gap += coder.uniform(2 ** (shift - 2));
      }
      if (gap > slack) throw new Refused("position");
    }
    positions.push(next + gap);
    next += gap + 1;
  }
  return positions;
}

class PlainRangeDecoder {
  private readonly contexts = PRIORS.map(([prior, n]) => ({ p: BigInt(prior) * 64n, n: BigInt(n) }));
  private readonly payload: number[];
  private read = 0;
  private range = 2n ** 32n - 1n;
  private offset = 0n;

  constructor(payload: number[]) {
    this.payload = payload;
    for (let i = 0; i < 4; i++) this.offset = this.offset * 256n + this.byte();
    if (this.offset >= this.range) throw new Refused("start");
  }

  bit(index: number): number {
    const context = this.contexts[index];
    let p = context.p / 64n;
    if (p < 16n) p = 16n;
    if (p > 65520n) p = 65520n;
    const bound = (this.range / 65536n) * p;
    const one = this.offset < bound;
    if (one) this.range = bound;
    else {
      this.offset -= bound;
      this.range -= bound;
    }
    this.renormalise();
    const target = one ? 2n ** 22n : 0n;
    context.p += floorDivide((target - context.p) * (65536n / (context.n + 2n)), 65536n);
    if (context.n < 1022n) context.n += 1n;
    return one ? 1 : 0;
  }

  uniform(total: number): number {
    const unit = this.range / BigInt(total);
    const value = this.offset / unit;
    if (value >= BigInt(total)) throw new Refused("uniform");
    this.offset -= value * unit;
    this.range = unit;
    this.renormalise();
    return Number(value);
  }

  end(): void {
    if (this.payload.length > this.read || this.payload.at(-1) === 0)
      throw new Refused("length of the payload");
    let window = 0n;
    for (let at = this.read - 4; at < this.read; at++) window = window * 256n + BigInt(this.payload[at] ?? 0);
    const low = (window - this.offset + 2n ** 32n) % 2n ** 32n;
    let expected = ((low + 2n ** 24n - 1n) / 2n ** 24n) * 2n ** 24n - low;
    if (2n ** 32n - low < this.range) expected = 2n ** 32n - low;
    if (low === 0n) expected = 0n;
    if (this.offset !== expected) throw new Refused("end");
  }

  private renormalise(): void {
    while (this.range < 2n ** 24n) {
      this.range *= 256n;
      this.offset = this.offset * 256n + this.byte();
    }
  }

  private byte(): bigint {
    return BigInt(this.payload[this.read++] ?? 0);
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient;
}

function floatOf(negative: boolean, exponent: number, mantissa: bigint): number {
  const magnitude = (1 + Number(mantissa) / 2 ** 23) * 2 ** (exponent - 127);
  return negative ? -magnitude : magnitude;
}

function numberAt(bytes: Uint8Array, at: number, width: number): bigint {
  let number = 0n;
  for (let i = width - 1; i >= 0; i--) number = number * 256n + BigInt(bytes[at + i]);
  return number;
}

function hexOf(bytes: Uint8Array, at: number, width: number): string {
  return [...bytes.slice(at, at + width)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
