import type { SequenceRef } from "../protocol/assignment.ts";
import type { ContentRef, ContentStore } from "../storage/contentStore.ts";
import {
  type DatasetManifest,
  decodeDatasetManifest,
  maxDatasetManifestBytes,
  type ShardEntry,
  shardRef,
} from "./datasetManifest.ts";
import { DataError } from "./errors.ts";

export interface DatasetReaderOptions {
  /** Shards kept in memory, bytes; the one used longest ago goes first. Default 64 MiB, at least one shard stays. */
  readonly cacheBytes?: number;
  readonly signal: AbortSignal;
}

const defaultCacheBytes = 64 << 20;

/**
 * A dataset by the reference of its manifest. Shards are fetched, verified, when first asked for and cached; those that are
 * asked for twice at a time are fetched once.
 * Sequence k of a shard is its tokens [k·(T+1), (k+1)·(T+1)); the tail that fills no sequence is not used.
 */
export class DatasetReader {
  readonly manifest: DatasetManifest;
  private readonly store: ContentStore;
  private readonly cacheBytes: number;
  /** Loaded tokens by CID, least recently used first. */
  private readonly cache = new Map<string, Uint8Array>();
  private cachedBytes = 0;
  /** Shards on their way by CID. */
  private readonly fetching = new Map<string, Promise<Uint8Array>>();
  /** CIDs of shards that are needed whether or not they are in memory. */
  private kept: ReadonlySet<string> = new Set();

  private constructor(manifest: DatasetManifest, store: ContentStore, cacheBytes: number) {
    this.manifest = manifest;
    this.store = store;
    this.cacheBytes = cacheBytes;
  }

  /**
   * Fetches and checks the manifest, no shard yet.
   * @throws DataError BAD_DATASET; what the store throws
   */
  static async open(
    ref: ContentRef,
    store: ContentStore,
    options: DatasetReaderOptions,
  ): Promise<DatasetReader> {
    const bytes = await store.get(ref, { maxBytes: maxDatasetManifestBytes, signal: options.signal });
    return new DatasetReader(decodeDatasetManifest(bytes), store, options.cacheBytes ?? defaultCacheBytes);
  }

  get shardCount(): number {
    return this.manifest.shards.length;
  }

  /** Shards that are in memory, because they were read lately, and those that are kept; the held-out part may be among them. */
  inUse(): ContentRef[] {
    const { shards, heldOut } = this.manifest;
    const isInUse = ({ cid }: ShardEntry) => this.cache.has(cid) || this.kept.has(cid);
    return [...shards, heldOut].filter(isInUse).map(shardRef);
  }

  /** Counts these shards as in use, instead of those that were kept before. @throws DataError NO_SUCH_SHARD */
  keep(shardIndices: readonly number[]): void {
    this.kept = new Set(shardIndices.map((index) => this.shard(index).cid));
  }

  /** CIDs of all shards and of the held-out part. */
  shardCids(): Set<string> {
    const { shards, heldOut } = this.manifest;
    return new Set([...shards, heldOut].map(({ cid }) => cid));
  }

  /** Number of sequences of `sequenceLength` + 1 tokens in a shard. @throws DataError NO_SUCH_SHARD */
  sequenceCount(shardIndex: number, sequenceLength: number): number {
    return countIn(this.shard(shardIndex), sequenceLength);
  }

  /** Number of sequences of `sequenceLength` + 1 tokens in the held-out part. */
  heldOutSequenceCount(sequenceLength: number): number {
    return countIn(this.manifest.heldOut, sequenceLength);
  }

  /** Fetches shards ahead of their use; repeats and order do not matter. @throws what the store throws */
  async prefetch(shardIndices: readonly number[], signal: AbortSignal): Promise<void> {
    for (const index of new Set(shardIndices)) await this.tokens(this.shard(index), signal);
  }

  /**
   * Sequence `k` of a shard: Int32Array of T+1 token ids, so that inputs are [0, T) and targets [1, T].
   * @throws DataError NO_SUCH_SHARD, NO_SUCH_SEQUENCE; what the store throws
   */
  async sequenceAt(
    shardIndex: number,
    k: number,
    sequenceLength: number,
    signal: AbortSignal,
  ): Promise<Int32Array> {
    return this.sequence(this.shard(shardIndex), k, sequenceLength, signal);
  }

  /**
   * Sequences of any shards, in the order asked for. Each shard is read once, however little of them fits into the cache.
   * Each Int32Array of T+1.
   * @throws DataError NO_SUCH_SHARD, NO_SUCH_SEQUENCE; what the store throws
   */
  async sequences(
    refs: readonly SequenceRef[],
    sequenceLength: number,
    signal: AbortSignal,
  ): Promise<Int32Array[]> {
    const places = refs.map(({ shard, sequence }, place) => ({ shard, sequence, place }));
    const found: Int32Array[] = new Array(refs.length);
    for (const { shard, sequence, place } of places.toSorted((a, b) => a.shard - b.shard))
      found[place] = await this.sequenceAt(shard, sequence, sequenceLength, signal);
    return found;
  }

  /**
   * `count` held-out sequences spread evenly over the held-out part, the same at every call; fewer when it has fewer.
   * Each Int32Array of T+1.
   */
  async heldOutSequences(count: number, sequenceLength: number, signal: AbortSignal): Promise<Int32Array[]> {
    const available = this.heldOutSequenceCount(sequenceLength);
    const taken = Math.min(count, available);
    const sequences: Int32Array[] = [];
    for (let index = 0; index < taken; index++) {
      const k = Math.floor((index * available) / taken);
      sequences.push(await this.sequence(this.manifest.heldOut, k, sequenceLength, signal));
    }
    return sequences;
  }

  private shard(index: number): ShardEntry {
    const entry = this.manifest.shards[index];
    if (entry === undefined)
      throw new DataError(
        "NO_SUCH_SHARD",
        `The dataset has ${this.shardCount} shards, not a number ${index}`,
        {
          data: { index, shards: this.shardCount },
        },
      );
    return entry;
  }

  private async sequence(
    entry: ShardEntry,
    k: number,
    sequenceLength: number,
    signal: AbortSignal,
  ): Promise<Int32Array> {
    const sequences = countIn(entry, sequenceLength);
    if (!Number.isInteger(k) || k < 0 || k >= sequences)
      throw new DataError("NO_SUCH_SEQUENCE", `This part has ${sequences} sequences, not a number ${k}`, {
        data: { k, sequences, sequenceLength },
      });
    const tokens = await this.tokens(entry, signal);
    const width = this.manifest.tokenBytes * (sequenceLength + 1);
    return decodeTokens(tokens.subarray(k * width, (k + 1) * width), this.manifest.tokenBytes);
  }

  private async tokens(entry: ShardEntry, signal: AbortSignal): Promise<Uint8Array> {
    const cached = this.cache.get(entry.cid);
    if (cached !== undefined) {
      this.cache.delete(entry.cid);
      this.cache.set(entry.cid, cached);
      return cached;
    }
    const tokens = await this.fetched(entry, signal);
    if (!this.cache.has(entry.cid)) {
      this.cache.set(entry.cid, tokens);
      this.cachedBytes += tokens.length;
    }
    this.evict();
    return tokens;
  }

  /** One's own fetch, or that of somebody who asked before; if theirs fails or is given up, one's own after all. */
  private async fetched(entry: ShardEntry, signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const theirs = this.fetching.get(entry.cid);
      if (theirs === undefined) break;
      const tokens = await unlessAborted(theirs, signal);
      if (tokens !== undefined) return tokens;
    }
    const own = this.store.get(shardRef(entry), { maxBytes: entry.size, signal }).finally(() => {
      this.fetching.delete(entry.cid);
    });
    this.fetching.set(entry.cid, own);
    return own;
  }

  private evict(): void {
    for (const [cid, tokens] of this.cache) {
      if (this.cachedBytes <= this.cacheBytes || this.cache.size === 1) return;
      this.cache.delete(cid);
      this.cachedBytes -= tokens.length;
    }
  }
}

/** Little-endian tokens of one, two or four bytes. */
function decodeTokens(bytes: Uint8Array, tokenBytes: 1 | 2 | 4): Int32Array {
  if (tokenBytes === 1) return Int32Array.from(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / tokenBytes }, (_, index) =>
    tokenBytes === 2 ? view.getUint16(2 * index, true) : view.getInt32(4 * index, true),
  );
}

function countIn(entry: ShardEntry, sequenceLength: number): number {
  return Math.floor(entry.tokens / (sequenceLength + 1));
}

/** What a promise comes to, undefined when it fails. @throws the signal's reason once it aborts */
function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const settle = (result: Result | undefined) => {
      signal.removeEventListener("abort", abort);
      resolve(result);
    };
    promise.then(settle, () => settle(undefined));
  });
}
