import { collapse } from "./duplicates.ts";
import { forEachShingle, ShingleSet } from "./shingles.ts";

/** Numbers of a signature; two documents' share of equal ones estimates the share of shingles they have in common. */
const BINS = 128;
const BIN_SHIFT = 32 - Math.log2(BINS);
/** No shingle fell into the bin. */
const EMPTY = 0xffff_ffff;
/** Documents of a generation: two are held, about 1.5 kB a document. */
const GENERATION = 65_536;
/** Rows of a band that may be tried, and the share of documents just similar enough that must share a band. */
const ROW_CHOICES = [16, 8, 4, 2];
const LEAST_RECALL = 0.99;

/** Documents of one span of the stream, found by any band of their signatures. */
interface Generation {
  count: number;
  readonly signatures: Uint32Array;
  readonly bands: ShingleSet;
  /** Document by a band's number in the set. */
  readonly documents: number[];
}

/**
 * Finds documents that say almost the same as one before: of the 64-byte shingles of both (white space collapsed, ASCII letters
 * lowered) at least `similarity` occur in both, estimated from 128 minima by one permutation (MinHash), looked up by bands (LSH).
 * Memory is bounded: a document is compared with the last 65,536 to 131,072 that were kept. One shorter than a shingle is like no
 * other. The result depends on the order given.
 */
export class NearDuplicates {
  readonly #similarity: number;
  readonly #rows: number;
  readonly #most: number;
  #current: Generation;
  #previous: Generation | undefined;

  /**
   * @param similarity 0 to 1
   * @param generation documents of which as many as twice are remembered
   */
  constructor(similarity: number, generation = GENERATION) {
    this.#similarity = similarity;
    this.#rows = rowsFor(similarity);
    this.#most = generation;
    this.#current = this.#begin();
  }

  /** Whether no document that was kept before is nearly this one, which is kept then. */
  keep(text: Uint8Array): boolean {
    const signature = signatureOf(collapse(text));
    if (signature === undefined) return true;
    const keys = this.#keysOf(signature);
    for (const generation of [this.#current, this.#previous]) {
      if (generation !== undefined && this.#has(generation, signature, keys)) return false;
    }
    this.#add(signature, keys);
    return true;
  }

  #begin(): Generation {
    const signatures = new Uint32Array(this.#most * BINS);
    return { count: 0, signatures, bands: new ShingleSet(), documents: [] };
  }

  #has(
    { signatures, bands, documents }: Generation,
    signature: Uint32Array,
    keys: readonly (readonly [number, number])[],
  ): boolean {
    return keys.some(([high, low]) => {
      const number = bands.find(high, low);
      if (number < 0) return false;
      const start = documents[number] * BINS;
      return equalShare(signature, signatures.subarray(start, start + BINS)) >= this.#similarity;
    });
  }

  #add(signature: Uint32Array, keys: readonly (readonly [number, number])[]): void {
    if (this.#current.count === this.#most) {
      this.#previous = this.#current;
      this.#current = this.#begin();
    }
    const { signatures, bands, documents } = this.#current;
    const document = this.#current.count++;
    signatures.set(signature, document * BINS);
    for (const [high, low] of keys) {
      const number = bands.add(high, low);
      // A band that two documents share leads to the first of them.
      if (number === documents.length) documents.push(document);
    }
  }

  /** A 64-bit hash of each band, its place among the bands in it. */
  #keysOf(signature: Uint32Array): [number, number][] {
    const keys: [number, number][] = [];
    for (let start = 0; start < BINS; start += this.#rows) {
      let [high, low] = [start, ~start];
      for (let row = start; row < start + this.#rows; row++) {
        high = Math.imul(high ^ signature[row], 0x0100_0193);
        low = mixed(low + signature[row]);
      }
      keys.push([mixed(high), low | 0]);
    }
    return keys;
  }
}

/** The most rows of a band with which documents of this similarity still share one: fewer are compared in vain then. */
function rowsFor(similarity: number): number {
  const recall = (rows: number) => 1 - (1 - similarity ** rows) ** (BINS / rows);
  return ROW_CHOICES.find((rows) => recall(rows) >= LEAST_RECALL) ?? 1;
}

/** The least hash of the shingles of each bin; an empty bin takes the next one's, told apart by the distance. */
function signatureOf(text: Uint8Array): Uint32Array | undefined {
  const least = new Uint32Array(BINS).fill(EMPTY);
  let any = false;
  forEachShingle(text, (high, low) => {
    const hash = mixed(high ^ Math.imul(low, 0x85eb_ca6b));
    const value = mixed(low + Math.imul(high, 0x9e37_79b1)) >>> 0;
    const bin = hash >>> BIN_SHIFT;
    any = true;
    if (value < least[bin]) least[bin] = value;
  });
  if (!any) return undefined;
  return least.map((value, bin) => {
    let distance = 0;
    while (least[(bin + distance) % BINS] === EMPTY && distance < BINS) distance += 1;
    return distance === 0 ? value : mixed(least[(bin + distance) % BINS] + Math.imul(distance, 0x27d4_eb2f));
  });
}

/** The finalizer of murmur3: every bit of the result hangs on every bit given. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

function equalShare(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let bin = 0; bin < BINS; bin++) if (a[bin] === b[bin]) equal += 1;
  return equal / BINS;
}
