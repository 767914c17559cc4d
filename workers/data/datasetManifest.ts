import canonicalize from "canonicalize";
import * as v from "valibot";
import { tokenizerSchema } from "../protocol/manifest.ts";
import { refFromCid } from "../storage/contentRef.ts";
import type { ContentRef, ContentStore } from "../storage/contentStore.ts";
import { DataError } from "./errors.ts";

/** Largest dataset manifest anybody reads, bytes: about fifty thousand shards. */
export const maxDatasetManifestBytes = 8 << 20;
/** Largest shard anybody fetches, bytes. */
export const maxShardBytes = 64 << 20;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const shard = v.strictObject({
  cid: v.pipe(v.string(), v.maxLength(100)),
  size: v.pipe(count, v.minValue(1), v.maxValue(maxShardBytes)),
  tokens: v.pipe(count, v.minValue(1)),
});
const datasetManifest = v.strictObject({
  version: v.literal(1),
  tokenizer: tokenizerSchema,
  /** Width of a token in a shard, little-endian: the bytes tokenizer needs one byte. */
  tokenBytes: v.picklist([1, 2, 4]),
  /** Training text, tokens of consecutive documents with the end token (0 for bytes) after each. */
  shards: v.pipe(v.array(shard), v.minLength(1)),
  /** Text nobody trains on, in the same form. */
  heldOut: shard,
  stats: v.strictObject({
    documents: count,
    heldOutDocuments: count,
    duplicatesDropped: count,
    leaksDropped: count,
  }),
});

export type DatasetManifest = v.InferOutput<typeof datasetManifest>;
/** One shard, or the held-out part, as the manifest names it. */
export type ShardEntry = DatasetManifest["heldOut"];

/** Canonical JSON (RFC 8785) of a dataset manifest: its bytes are its identity. */
export function encodeDatasetManifest(manifest: DatasetManifest): Uint8Array {
  return new TextEncoder().encode(canonicalize(manifest));
}

/** @throws DataError BAD_DATASET when the bytes are not a manifest of this version, or one that contradicts itself */
export function decodeDatasetManifest(bytes: Uint8Array): DatasetManifest {
  const parsed = v.safeParse(datasetManifest, parseJson(bytes));
  if (!parsed.success)
    throw new DataError("BAD_DATASET", "The dataset manifest does not have the expected fields", {
      data: { issues: parsed.issues.slice(0, 5).map((issue) => `${v.getDotPath(issue)}: ${issue.message}`) },
    });
  if (parsed.output.tokenizer.kind === "bytes" && parsed.output.tokenBytes !== 1)
    throw new DataError("BAD_DATASET", "Bytes as tokens take one byte each", {
      data: { tokenBytes: parsed.output.tokenBytes },
    });
  for (const entry of [...parsed.output.shards, parsed.output.heldOut]) {
    if (entry.tokens * parsed.output.tokenBytes !== entry.size)
      throw new DataError("BAD_DATASET", "Size and token count of a shard disagree", { data: { entry } });
    shardRef(entry);
  }
  return parsed.output;
}

/** @throws DataError BAD_DATASET when the CID cannot be the one of `size` bytes */
export function shardRef(entry: ShardEntry): ContentRef {
  try {
    return refFromCid(entry.cid, entry.size);
  } catch (cause) {
    throw new DataError("BAD_DATASET", "A shard's CID is not one of its size", { data: { entry }, cause });
  }
}

/** Stores the tokens of a shard, or of the held-out part. @throws what the store throws */
export async function putShard(
  store: ContentStore,
  bytes: Uint8Array,
  tokenBytes: DatasetManifest["tokenBytes"],
  signal: AbortSignal,
): Promise<ShardEntry> {
  const { cid, size } = await store.put(bytes, { signal });
  return { cid, size, tokens: size / tokenBytes };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataError("BAD_DATASET", "The dataset manifest is not JSON", { cause });
  }
}
