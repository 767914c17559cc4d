import type { BlockTime } from "../protocol/quantities.ts";
import type { BlockHeader } from "./blocks.ts";

/** Reorganisations of up to so many blocks are followed; deeper ones end the worker. */
export const maxReorgBlocks = 12n;

/** Last block that the chain before a reorganisation and the one after it share. */
export interface ForkPoint {
  readonly number: bigint;
  /** Unix seconds; 0 where they share nothing that was read. */
  readonly timestamp: BlockTime;
}

/**
 * Headers of blocks that were read, enough of them to find where the chain forked: one at least between `maxReorgBlocks`
 * and twice as many below the newest, and the first of all, by which another chain is told from a stale node.
 */
export class SeenBlocks {
  /** Ascending by number. */
  #blocks: readonly BlockHeader[];

  /** @param restored as `all` gave them earlier */
  constructor(restored: readonly BlockHeader[] = []) {
    this.#blocks = restored;
  }

  get all(): readonly BlockHeader[] {
    return this.#blocks;
  }

  get newest(): BlockHeader | undefined {
    return this.#blocks.at(-1);
  }

  /** The first of all. */
  get base(): BlockHeader | undefined {
    return this.#blocks[0];
  }

  /** Those a reorganisation may go back to, newest first. */
  withinReach(): BlockHeader[] {
    const newest = this.newest;
    if (newest === undefined) return [];
    return this.#blocks.filter(({ number }) => number + 2n * maxReorgBlocks >= newest.number).toReversed();
  }

  /** Number of a block to be added before a newer `head`: without it a reorganisation could not be followed far enough. */
  missingBelow(head: bigint): bigint | undefined {
    const low = head - 2n * maxReorgBlocks;
    const high = head - maxReorgBlocks;
    const base = this.base;
    if (base !== undefined && base.number >= high) return undefined;
    return this.#blocks.some(({ number }) => number >= low && number <= high) ? undefined : high;
  }

  /** Takes a block's header, and drops what is out of reach. */
  add(block: BlockHeader): void {
    const others = this.#blocks.filter(({ number }) => number !== block.number);
    const sorted = [...others, block].sort((a, b) => (a.number < b.number ? -1 : 1));
    const lowest = (sorted.at(-1)?.number ?? 0n) - 2n * maxReorgBlocks;
    this.#blocks = sorted.filter(({ number }, index) => index === 0 || number >= lowest);
  }

  /** Forgets every block above `number`. */
  rewind(number: bigint): void {
    this.#blocks = this.#blocks.filter((block) => block.number <= number);
  }
}
