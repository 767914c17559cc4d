import { FatalError } from "../protocol/errors.ts";
import type { ContentRef, ContentStore } from "../storage/contentStore.ts";
import {
  type DatasetManifest,
  encodeDatasetManifest,
  maxShardBytes,
  putShard,
  type ShardEntry,
} from "./datasetManifest.ts";
import { byteDatasetTokenizer, type DatasetTokenizer } from "./datasetTokenizer.ts";
import type { Corpus, Document } from "./documents.ts";
import { TokenBuffer } from "./tokenBuffer.ts";

export interface PublishOptions {
  /** Shards hold at most this many tokens, all about as many. Default 128 KiB, so that miners' shards differ. */
  readonly shardTokens?: number;
  /** The held-out part is cut to this many tokens. Default 512 KiB. */
  readonly maxHeldOutTokens?: number;
  /** Every shard and the held-out part must hold at least one sequence of this many tokens (T + 1). */
  readonly minTokens: number;
  /** Bytes unless given. */
  readonly tokenizer?: DatasetTokenizer;
  readonly signal: AbortSignal;
}

const defaultShardTokens = 128 << 10;
const defaultMaxHeldOutTokens = 512 << 10;

/**
 * Tokenizes a corpus, stores its shards, its held-out part and the manifest that names them.
 * The same corpus and options give the same reference on every machine.
 * @returns the manifest's reference, for the run manifest, and the manifest itself
 * @throws FatalError DATA_TOO_SMALL (data: tokens, neededTokens); TokenizerError; what the store throws
 */
export async function publishDataset(
  corpus: Corpus,
  store: ContentStore,
  options: PublishOptions,
): Promise<{ ref: ContentRef; manifest: DatasetManifest }> {
  const shardTokens = options.shardTokens ?? defaultShardTokens;
  // Equal parts of a text just longer than one shard are just longer than half a shard: they too hold a sequence.
  const tokenizer = options.tokenizer ?? byteDatasetTokenizer;
  const { tokenBytes } = tokenizer;
  const most = maxShardBytes / tokenBytes;
  if (!(shardTokens >= 2 * options.minTokens && shardTokens <= most))
    throw new RangeError(`shardTokens ${shardTokens} is outside ${2 * options.minTokens}…${most}`);
  const training = tokensOf(corpus.training, tokenizer);
  const trainingTokens = training.length / tokenBytes;
  const maxHeldOutTokens = options.maxHeldOutTokens ?? defaultMaxHeldOutTokens;
  const heldOut = tokensOf(corpus.heldOut, tokenizer).subarray(0, maxHeldOutTokens * tokenBytes);
  requireTokens("training text", trainingTokens, options.minTokens);
  requireTokens("held-out text", heldOut.length / tokenBytes, options.minTokens);

  const shards: ShardEntry[] = [];
  const shardCount = Math.ceil(trainingTokens / shardTokens);
  for (let index = 0; index < shardCount; index++) {
    const start = Math.floor((index * trainingTokens) / shardCount) * tokenBytes;
    const end = Math.floor(((index + 1) * trainingTokens) / shardCount) * tokenBytes;
    shards.push(await putShard(store, training.subarray(start, end), tokenBytes, options.signal));
  }
  const manifest: DatasetManifest = {
    version: 1,
    tokenizer: tokenizer.reference,
    tokenBytes,
    shards,
    heldOut: await putShard(store, heldOut, tokenBytes, options.signal),
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

/** All documents one after the other, the tokenizer's end after each, little-endian. */
function tokensOf(documents: readonly Document[], tokenizer: DatasetTokenizer): Uint8Array {
  const encoded = documents.map(({ text }) => tokenizer.encode(text));
  const length = encoded.reduce((sum, ids) => sum + ids.length + 1, 0);
  const tokens = new TokenBuffer(length, tokenizer.tokenBytes);
  for (const ids of encoded) {
    tokens.add(ids, 0);
    tokens.addOne(tokenizer.end);
  }
  return tokens.take();
}

function requireTokens(what: string, tokens: number, neededTokens: number): void {
  if (tokens < neededTokens)
    throw new FatalError("DATA_TOO_SMALL", `${tokens} tokens of ${what}; this model needs ${neededTokens}`, {
      data: { tokens, neededTokens },
      hint: "Give more text, or a model with shorter sequences.",
    });
}
