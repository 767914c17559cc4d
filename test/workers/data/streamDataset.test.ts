import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { DatasetReader } from "../../../workers/data/datasetReader.ts";
import { byteDatasetTokenizer, type DatasetTokenizer } from "../../../workers/data/datasetTokenizer.ts";
import { DataError } from "../../../workers/data/errors.ts";
import { type StreamOptions, streamDataset } from "../../../workers/data/streamDataset.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { proseOf } from "../../support/prose.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const { signal } = new AbortController();
const options: StreamOptions = {
  tokenizer: byteDatasetTokenizer,
  shardTokens: 100,
  heldOutShare: 0.1,
  maxHeldOutTokens: 1000,
  signal,
};
const texts = Array.from({ length: 200 }, (_, index) => `document number ${index}`);

async function* documents(given: readonly string[]) {
  for (const [index, text] of given.entries())
    yield { place: String(index), text: new TextEncoder().encode(text) };
}

async function published(test: TestContext, given: readonly string[], change: Partial<StreamOptions> = {}) {
  const store = await LocalStore.open(temporaryFolder(test));
  const result = await streamDataset(documents(given), store, { ...options, ...change });
  return { ...result, reader: await DatasetReader.open(result.ref, store, { signal }) };
}

/** Everything in the shards, one after the other. */
async function tokensOf(reader: DatasetReader): Promise<number[]> {
  const tokens: number[] = [];
  for (let shard = 0; shard < reader.shardCount; shard++)
    for (let k = 0; k < reader.manifest.shards[shard].tokens; k++)
      tokens.push(...(await reader.sequenceAt(shard, k, 0, signal)));
  return tokens;
}

test("streamDataset, many documents, packs all that are not held out into shards of one size", async (context) => {
  const { manifest, reader } = await published(context, texts);
  const sizes = manifest.shards.map(({ tokens }) => tokens);
  assert.ok(sizes.slice(0, -1).every((size) => size === 100) && sizes[sizes.length - 1] <= 100);
  const parts = new TextDecoder().decode(Uint8Array.from(await tokensOf(reader))).split("\0");
  assert.equal(parts.pop(), "");
  const { documents: count, heldOutDocuments } = manifest.stats;
  assert.equal(parts.length, count);
  assert.equal(count + heldOutDocuments, texts.length);
  assert.ok(heldOutDocuments > 5 && heldOutDocuments < 40, `${heldOutDocuments} held out`);
  assert.deepEqual(
    parts,
    texts.map((text) => `${text}\n`).filter((text) => parts.includes(text)),
  );
});

test("streamDataset, the same documents twice, drops the second and gives the same reference", async (context) => {
  const once = await published(context, texts);
  const twice = await published(context, [...texts, ...texts.map((text) => `${text}  \r\n`)]);
  assert.equal(twice.manifest.stats.duplicatesDropped, texts.length);
  assert.deepEqual(twice.manifest.shards, once.manifest.shards);
  assert.deepEqual((await published(context, texts)).ref, once.ref);
});

test("streamDataset, near duplicates, stay unless they are looked for", async (context) => {
  const long = Array.from({ length: 30 }, (_, seed) => proseOf(seed + 1, 1500));
  const given = [...long, ...long.map((text) => `${text} and a word`)];
  const common = { shardTokens: 10_000, maxHeldOutTokens: 20_000 };
  const all = await published(context, given, common);
  assert.equal(all.progress.duplicates, 0);
  const some = await published(context, given, { ...common, nearDuplicates: 0.8 });
  assert.equal(some.progress.duplicates, 30);
  assert.equal(some.manifest.stats.duplicatesDropped, 30);
  assert.deepEqual(
    (await published(context, long, { ...common, nearDuplicates: 0.8 })).manifest.shards,
    some.manifest.shards,
  );
});

test("streamDataset, tokens of two and four bytes, come back", async (context) => {
  for (const tokenBytes of [2, 4] as const) {
    const tokenizer: DatasetTokenizer = {
      reference: { kind: "json", cid: refOf(new Uint8Array(1)).cid, size: 1, end: 3 },
      tokenBytes,
      end: 3,
      encode: (text) => Array.from(text, (byte) => byte * 250),
    };
    const { manifest, reader } = await published(context, texts, { tokenizer });
    assert.equal(manifest.shards[0].size, 100 * tokenBytes);
    const bytes = await published(context, texts);
    const expected = (await tokensOf(bytes.reader)).map((byte) => (byte === 0 ? 3 : byte * 250));
    assert.deepEqual(await tokensOf(reader), expected);
  }
});

test("streamDataset, nothing to train on or nothing held out, is NO_TEXT", async (context) => {
  for (const [given, heldOutShare] of [
    [[], 0.1],
    [["", "  \n"], 0.1],
    [texts, 0],
  ] as const)
    await assert.rejects(
      published(context, given, { heldOutShare }),
      (error) => error instanceof DataError && error.code === "NO_TEXT",
    );
});

test("streamDataset, more held-out text than there is room for, leaves the rest out of both", async (context) => {
  const { manifest } = await published(context, texts, { maxHeldOutTokens: 50 });
  assert.ok(manifest.heldOut.tokens <= 50);
  const all = await published(context, texts);
  assert.equal(manifest.stats.documents, all.manifest.stats.documents);
});
