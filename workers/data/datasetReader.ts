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
 * A dataset by the reference of its manifest. Shards are fetched, verified, when first asked for and cached.
 * Sequence k of a shard is its tokens [k·(T+1), (k+1)·(T+1)); the tail that fills no sequence is not used.
 */
export class DatasetReader {
  readonly manifest: DatasetManifest;
  private readonly store: ContentStore;
  private readonly cacheBytes: number;
  /** Loaded tokens by CID, least recently used first. */
  private readonly cache = new Map<string, Uint8Array>();
  private cachedBytes = 0;

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

  /** Shards that were read lately, the held-out part among them: those that are in memory. */
  inUse(): ContentRef[] {
    const { shards, heldOut } = this.manifest;
    return [...shards, heldOut].filter(({ cid }) => this.cache.has(cid)).map(shardRef);
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
    const tokens = await this.store.get(shardRef(entry), { maxBytes: entry.size, signal });
    if (!this.cache.has(entry.cid)) {
      this.cache.set(entry.cid, tokens);
      this.cachedBytes += tokens.length;
    }
    this.evict();
    return tokens;
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
