/** Length of a shingle, bytes. */
export const shingleBytes = 64;

/** Multipliers of the two rolling polynomials modulo 2^32; both odd, from the splitmix and murmur finalizers. */
const multiplierA = 0x9e3779b1;
const multiplierB = 0x85ebca6b;
const tableA = byteTable(1);
const tableB = byteTable(2);
const leaveA = power(multiplierA, shingleBytes);
const leaveB = power(multiplierB, shingleBytes);

/**
 * Calls `visit` with a 64-bit hash, as two signed 32-bit halves, of every run of 64 bytes in `text`, in order.
 * Cost: a few operations a byte. Not collision-resistant against an adversary; used to clean one's own data.
 */
export function forEachShingle(text: Uint8Array, visit: (high: number, low: number) => void): void {
  let a = 0;
  let b = 0;
  for (let index = 0; index < text.length; index++) {
    a = (Math.imul(a, multiplierA) + tableA[text[index]]) | 0;
    b = (Math.imul(b, multiplierB) + tableB[text[index]]) | 0;
    if (index >= shingleBytes) {
      const leaving = text[index - shingleBytes];
      a = (a - Math.imul(leaveA, tableA[leaving])) | 0;
      b = (b - Math.imul(leaveB, tableB[leaving])) | 0;
    }
    if (index >= shingleBytes - 1) visit(a, b);
  }
}

/** Number of shingles in a text of `length` bytes. */
export function shingleCount(length: number): number {
  return Math.max(0, length - shingleBytes + 1);
}

/** A set of 64-bit hashes with a number each: open addressing in typed arrays, a fifth of the memory of a `Map`. */
export class ShingleSet {
  private keys = new Int32Array(2 * 1024);
  /** Insertion number + 1 of the entry in a slot, 0 for a free one. */
  private numbers = new Int32Array(1024);
  private entries = 0;

  get size(): number {
    return this.entries;
  }

  /** Adds a hash and returns its number: 0 for the first distinct one, counting up. */
  add(high: number, low: number): number {
    if (this.entries * 2 >= this.numbers.length) this.grow();
    const slot = this.slotOf(high, low);
    if (this.numbers[slot] === 0) {
      this.keys[2 * slot] = high;
      this.keys[2 * slot + 1] = low;
      this.numbers[slot] = ++this.entries;
    }
    return this.numbers[slot] - 1;
  }

  /** Number of a hash, −1 when it was never added. */
  find(high: number, low: number): number {
    return this.numbers[this.slotOf(high, low)] - 1;
  }

  private slotOf(high: number, low: number): number {
    const mask = this.numbers.length - 1;
    const mixed = Math.imul(high ^ (low >>> 15), multiplierB);
    let slot = (mixed ^ (mixed >>> 16)) & mask;
    while (this.numbers[slot] !== 0 && (this.keys[2 * slot] !== high || this.keys[2 * slot + 1] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { keys, numbers } = this;
    this.keys = new Int32Array(keys.length * 2);
    this.numbers = new Int32Array(numbers.length * 2);
    for (let old = 0; old < numbers.length; old++) {
      if (numbers[old] === 0) continue;
      const slot = this.slotOf(keys[2 * old], keys[2 * old + 1]);
      this.keys.set(keys.subarray(2 * old, 2 * old + 2), 2 * slot);
      this.numbers[slot] = numbers[old];
    }
  }
}

/** 256 fixed pseudo-random words (xorshift32), so that low-entropy text spreads over all hash bits. */
function byteTable(seed: number): Int32Array {
  let state = Math.imul(seed, multiplierA);
  return Int32Array.from({ length: 256 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let step = 0; step < exponent; step++) result = Math.imul(result, base);
  return result;
}
