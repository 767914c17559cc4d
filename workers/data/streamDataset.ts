import { createHash } from "node:crypto";
import type { ContentRef, ContentStore } from "../storage/contentStore.ts";
import {
  type DatasetManifest,
  encodeDatasetManifest,
  maxShardBytes,
  putShard,
  type ShardEntry,
} from "./datasetManifest.ts";
import type { DatasetTokenizer } from "./datasetTokenizer.ts";
import { normalizeText } from "./documents.ts";
import { DataError } from "./errors.ts";
import { NearDuplicates } from "./nearDuplicates.ts";
import { ShingleSet } from "./shingles.ts";
import type { SourceDocument } from "./textSources.ts";
import { TokenBuffer } from "./tokenBuffer.ts";

export interface StreamOptions {
  readonly tokenizer: DatasetTokenizer;
  /** Tokens of a shard; the last one may have fewer. */
  readonly shardTokens: number;
  /** Share of documents that nobody trains on, chosen by their hash. */
  readonly heldOutShare: number;
  /** The held-out part ends at so many tokens; what is chosen beyond them is left out of both. */
  readonly maxHeldOutTokens: number;
  /** Share of their shingles that documents have in common of which the later falls away; none but equal ones when left out. */
  readonly nearDuplicates?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: StreamProgress) => void;
}

export interface StreamProgress {
  readonly documents: number;
  /** Equal documents, and near ones where they are looked for. */
  readonly duplicates: number;
  /** Bytes of text read. */
  readonly bytes: number;
  readonly tokens: number;
  readonly shards: number;
}

/**
 * Publishes documents as they come: equal ones once, a held-out part by their hash, tokens packed one document after the
 * other into shards of a fixed size. Holds one shard, the held-out part and 24 bytes a document in memory, and what
 * `NearDuplicates` takes.
 * The same documents and options give the same reference on every machine.
 * @throws DataError NOT_TEXT, NO_TEXT; what source, tokenizer and store throw
 */
export async function streamDataset(
  documents: AsyncIterable<SourceDocument>,
  store: ContentStore,
  options: StreamOptions,
): Promise<{ ref: ContentRef; manifest: DatasetManifest; progress: StreamProgress }> {
  const { tokenizer, shardTokens, heldOutShare, maxHeldOutTokens, signal, onProgress } = options;
  const { tokenBytes, end } = tokenizer;
  if (!(shardTokens >= 1 && shardTokens * tokenBytes <= maxShardBytes))
    throw new RangeError(`shardTokens ${shardTokens} is outside 1…${maxShardBytes / tokenBytes}`);
  const shards: ShardEntry[] = [];
  const training = new TokenBuffer(shardTokens, tokenBytes);
  const heldOut = new TokenBuffer(maxHeldOutTokens, tokenBytes);
  const seen = new ShingleSet();
  const near = options.nearDuplicates === undefined ? undefined : new NearDuplicates(options.nearDuplicates);
  const counts = { documents: 0, heldOutDocuments: 0, duplicates: 0, bytes: 0, tokens: 0 };
  const progress = () => ({ ...counts, shards: shards.length });
  const flush = async () => {
    shards.push(await putShard(store, training.take(), tokenBytes, signal));
    onProgress?.(progress());
  };

  for await (const { place, text: given } of documents) {
    signal.throwIfAborted();
    counts.bytes += given.length;
    const text = normalizeText(given);
    if (text === undefined)
      throw new DataError("NOT_TEXT", `${place} is not UTF-8 text`, { data: { place } });
    if (text.length === 0) continue;
    const hash = createHash("sha256").update(text).digest();
    const before = seen.size;
    seen.add(hash.readInt32LE(0), hash.readInt32LE(4));
    if (seen.size === before || near?.keep(text) === false) {
      counts.duplicates += 1;
      continue;
    }
    const ids = tokenizer.encode(text);
    if (hash.readUInt32LE(8) < heldOutShare * 2 ** 32) {
      if (heldOut.free < ids.length + 1) continue;
      counts.heldOutDocuments += 1;
      heldOut.add(ids, 0);
      heldOut.addOne(end);
      continue;
    }
    counts.documents += 1;
    counts.tokens += ids.length + 1;
    for (let at = 0; at < ids.length; ) {
      at += training.add(ids, at);
      if (training.free === 0) await flush();
    }
    training.addOne(end);
    if (training.free === 0) await flush();
  }
  if (training.length > 0) await flush();
  if (shards.length === 0 || heldOut.length === 0)
    throw new DataError(
      "NO_TEXT",
      shards.length === 0 ? "There is no text to train on" : "No document was held out",
      {
        data: { documents: counts.documents, heldOutDocuments: counts.heldOutDocuments },
        hint: "Give more documents, or a larger --held-out share.",
      },
    );
  const manifest: DatasetManifest = {
    version: 1,
    tokenizer: tokenizer.reference,
    tokenBytes,
    shards,
    heldOut: await putShard(store, heldOut.take(), tokenBytes, signal),
    stats: {
      documents: counts.documents,
      heldOutDocuments: counts.heldOutDocuments,
      duplicatesDropped: counts.duplicates,
      leaksDropped: 0,
    },
  };
  const ref = await store.put(encodeDatasetManifest(manifest), { signal });
  return { ref, manifest, progress: progress() };
}
