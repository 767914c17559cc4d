import { CodecError } from "./errors.ts";

/**
 * One model drives both directions: `code` methods take the symbol to write and return it (encoder), or ignore
 * the argument and return the symbol read (decoder). A model written once cannot diverge from itself.
 */
export interface SymbolCoder {
  readonly decoding: boolean;
  /** One bit with the adaptive probability of `context`. */
  bit(context: number, value: number): number;
  /** One of `total` equally likely symbols, 1 ≤ total ≤ 65,536. */
  uniform(total: number, value: number): number;
}

/** State that every context starts from. */
export interface Priors {
  /** P(1) in 2^−22. */
  readonly probabilities: Int32Array;
  /** How many observations that is worth. */
  readonly observations: Uint16Array;
}

/** @param probabilities P(1) per context in 65,536ths */
export function priorsOf(probabilities: readonly number[], observations: readonly number[]): Priors {
  return {
    probabilities: Int32Array.from(probabilities, (probability) => probability << 6),
    observations: Uint16Array.from(observations),
  };
}

const RANGE_MIN = 2 ** 24;
const RANGE_MAX = 2 ** 32 - 1;
const WINDOW = 2 ** 32;
const PROBABILITY_ONE = 2 ** 22;
/** Observations after which a context forgets at a constant rate. */
const MEMORY = 1022;
/** Probabilities of 1 as coded, in 65,536ths: neither symbol ever becomes impossible. */
const CODED_MIN = 16;
const CODED_MAX = 65_520;

/** Step towards the observed bit after n observations, in 65,536ths. */
const STEPS = Uint32Array.from({ length: MEMORY + 1 }, (_, n) => Math.floor(65_536 / (n + 2)));

/** Adaptive probabilities of a 1, integers of 22 bits; identical on every machine. */
class Contexts {
  private readonly probabilities: Int32Array;
  private readonly observations: Uint16Array;

  constructor(priors: Priors) {
    this.probabilities = priors.probabilities.slice();
    this.observations = priors.observations.slice();
  }

  /** P(1) in 65,536ths. */
  coded(context: number): number {
    return Math.min(CODED_MAX, Math.max(CODED_MIN, this.probabilities[context] >>> 6));
  }

  observe(context: number, value: number): void {
    const observed = this.observations[context];
    const error = (value === 1 ? PROBABILITY_ONE : 0) - this.probabilities[context];
    // at most 2^22 · 2^15: exact in a double
    this.probabilities[context] += Math.floor((error * STEPS[observed]) / 65_536);
    if (observed < MEMORY) this.observations[context] = observed + 1;
  }
}

/** Writes symbols into the shortest byte string that, followed by endless zero bytes, decodes to them. */
export class RangeEncoder implements SymbolCoder {
  readonly decoding = false;
  private readonly contexts: Contexts;
  private low = 0;
  private range = RANGE_MAX;
  private buffer = new Uint8Array(1024);
  private length = 0;

  constructor(priors: Priors) {
    this.contexts = new Contexts(priors);
  }

  bit(context: number, value: number): number {
    const bound = (this.range >>> 16) * this.contexts.coded(context);
    if (value === 1) this.narrow(0, bound);
    else this.narrow(bound, this.range - bound);
    this.contexts.observe(context, value);
    return value;
  }

  uniform(total: number, value: number): number {
    const unit = Math.floor(this.range / total);
    this.narrow(unit * value, unit);
    return value;
  }

  /** The payload; the encoder must not be used afterwards. */
  finish(): Uint8Array {
    if (WINDOW - this.low < this.range) this.carry();
    else if (this.low > 0) this.push(Math.ceil(this.low / RANGE_MIN));
    while (this.length > 0 && this.buffer[this.length - 1] === 0) this.length -= 1;
    return this.buffer.slice(0, this.length);
  }

  private narrow(offset: number, range: number): void {
    let low = this.low + offset;
    if (low >= WINDOW) {
      low -= WINDOW;
      this.carry();
    }
    let left = range;
    while (left < RANGE_MIN) {
      this.push(low >>> 24);
      low = (low << 8) >>> 0;
      left = (left << 8) >>> 0;
    }
    this.low = low;
    this.range = left;
  }

  /** Adds one to the bytes written so far. Never runs over the first byte: the whole stays below one. */
  private carry(): void {
    let at = this.length - 1;
    while (this.buffer[at] === 255) this.buffer[at--] = 0;
    this.buffer[at] += 1;
  }

  private push(byte: number): void {
    if (this.length === this.buffer.length) {
      const grown = new Uint8Array(this.buffer.length * 2);
      grown.set(this.buffer);
      this.buffer = grown;
    }
    this.buffer[this.length++] = byte;
  }
}

/** Reads what `RangeEncoder` wrote. Reads zeros past the end; `finish` refuses what the encoder would not write. */
export class RangeDecoder implements SymbolCoder {
  readonly decoding = true;
  private readonly contexts: Contexts;
  private readonly bytes: Uint8Array;
  private position = 0;
  private range = RANGE_MAX;
  /** Distance of the coded value from the low end of the interval; below `range` always. */
  private offset = 0;

  constructor(priors: Priors, bytes: Uint8Array) {
    this.contexts = new Contexts(priors);
    this.bytes = bytes;
    for (let i = 0; i < 4; i++) this.offset = ((this.offset << 8) | this.next()) >>> 0;
    if (this.offset >= this.range) throw notCanonical("starts outside the interval");
  }

  bit(context: number, _value: number): number {
    const bound = (this.range >>> 16) * this.contexts.coded(context);
    const value = this.offset < bound ? 1 : 0;
    if (value === 1) this.narrow(0, bound);
    else this.narrow(bound, this.range - bound);
    this.contexts.observe(context, value);
    return value;
  }

  uniform(total: number, _value: number): number {
    const unit = Math.floor(this.range / total);
    const value = Math.floor(this.offset / unit);
    if (value >= total) throw notCanonical("a symbol outside its alphabet");
    this.narrow(unit * value, unit);
    return value;
  }

  /** @throws CodecError CODEC_NOT_CANONICAL unless these are exactly the bytes the encoder would have written. */
  finish(): void {
    if (this.bytes.length > this.position) throw notCanonical("bytes are left over");
    if (this.bytes.length > 0 && this.bytes[this.bytes.length - 1] === 0)
      throw notCanonical("ends in a zero byte");
    let window = 0;
    for (let at = this.position - 4; at < this.position; at++) window = window * 256 + (this.bytes[at] ?? 0);
    const low = (window - this.offset) >>> 0;
    if (this.offset !== canonicalOffset(low, this.range)) throw notCanonical("not the shortest ending");
  }

  private narrow(offset: number, range: number): void {
    let ahead = this.offset - offset;
    let left = range;
    while (left < RANGE_MIN) {
      ahead = ((ahead << 8) | this.next()) >>> 0;
      left = (left << 8) >>> 0;
    }
    this.offset = ahead;
    this.range = left;
  }

  private next(): number {
    const at = this.position++;
    return at < this.bytes.length ? this.bytes[at] : 0;
  }
}

/** How far above `low` the encoder ends: at the next multiple of 2^32 if the interval holds it, else of 2^24. */
function canonicalOffset(low: number, range: number): number {
  if (low === 0) return 0;
  if (WINDOW - low < range) return WINDOW - low;
  return Math.ceil(low / RANGE_MIN) * RANGE_MIN - low;
}

function notCanonical(reason: string): CodecError {
  return new CodecError("CODEC_NOT_CANONICAL", `The payload of a tensor ${reason}`, { reason });
}
