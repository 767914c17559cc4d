import { FatalError } from "../protocol/errors.ts";
import type { ContentRef, ContentStore } from "../storage/contentStore.ts";
import {
  type DatasetManifest,
  encodeDatasetManifest,
  maxShardBytes,
  putShard,
  type ShardEntry,
} from "./datasetManifest.ts";
import type { Corpus, Document } from "./documents.ts";
import { documentEnd } from "./tokenizer.ts";

export interface PublishOptions {
  /** Shards hold at most this many tokens, all about as many. Default 128 KiB, so that miners' shards differ. */
  readonly shardTokens?: number;
  /** The held-out part is cut to this many tokens. Default 512 KiB. */
  readonly maxHeldOutTokens?: number;
  /** Every shard and the held-out part must hold at least one sequence of this many tokens (T + 1). */
  readonly minTokens: number;
  readonly signal: AbortSignal;
}

const defaultShardTokens = 128 << 10;
const defaultMaxHeldOutTokens = 512 << 10;

/**
 * Tokenizes a corpus, stores its shards, its held-out part and the manifest that names them.
 * The same corpus and options give the same reference on every machine.
 * @returns the manifest's reference, for the run manifest, and the manifest itself
 * @throws FatalError DATA_TOO_SMALL (data: tokens, neededTokens); what the store throws
 */
export async function publishDataset(
  corpus: Corpus,
  store: ContentStore,
  options: PublishOptions,
): Promise<{ ref: ContentRef; manifest: DatasetManifest }> {
  const shardTokens = options.shardTokens ?? defaultShardTokens;
  // Equal parts of a text just longer than one shard are just longer than half a shard: they too hold a sequence.
  if (!(shardTokens >= 2 * options.minTokens && shardTokens <= maxShardBytes))
    throw new RangeError(`shardTokens ${shardTokens} is outside ${2 * options.minTokens}…${maxShardBytes}`);
  const training = tokensOf(corpus.training);
  const heldOut = tokensOf(corpus.heldOut).subarray(0, options.maxHeldOutTokens ?? defaultMaxHeldOutTokens);
  requireTokens("training text", training.length, options.minTokens);
  requireTokens("held-out text", heldOut.length, options.minTokens);

  const shards: ShardEntry[] = [];
  const shardCount = Math.ceil(training.length / shardTokens);
  for (let index = 0; index < shardCount; index++) {
    const start = Math.floor((index * training.length) / shardCount);
    const end = Math.floor(((index + 1) * training.length) / shardCount);
    shards.push(await putShard(store, training.subarray(start, end), 1, options.signal));
  }
  const manifest: DatasetManifest = {
    version: 1,
    tokenizer: { kind: "bytes" },
    tokenBytes: 1,
    shards,
    heldOut: await putShard(store, heldOut, 1, options.signal),
    stats: {
      documents: corpus.training.length,
      heldOutDocuments: corpus.heldOut.length,
      duplicatesDropped: corpus.dropped.duplicates,
      leaksDropped: corpus.dropped.leaks,
    },
  };
  const ref = await store.put(encodeDatasetManifest(manifest), { signal: options.signal });
  return { ref, manifest };
}

/** All documents one after the other, a `documentEnd` after each. */
function tokensOf(documents: readonly Document[]): Uint8Array {
  const length = documents.reduce((sum, { text }) => sum + text.length + 1, 0);
  const tokens = new Uint8Array(length).fill(documentEnd);
  let filled = 0;
  for (const { text } of documents) {
    tokens.set(text, filled);
    filled += text.length + 1;
  }
  return tokens;
}

function requireTokens(what: string, tokens: number, neededTokens: number): void {
  if (tokens < neededTokens)
    throw new FatalError("DATA_TOO_SMALL", `${tokens} tokens of ${what}; this model needs ${neededTokens}`, {
      data: { tokens, neededTokens },
      hint: "Give more text, or a model with shorter sequences.",
    });
}
