import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { type DatasetManifest, encodeDatasetManifest } from "../../../workers/data/datasetManifest.ts";
import { DatasetReader } from "../../../workers/data/datasetReader.ts";
import type { Corpus } from "../../../workers/data/documents.ts";
import { DataError } from "../../../workers/data/errors.ts";
import { publishDataset } from "../../../workers/data/publishDataset.ts";
import { decodeTokens } from "../../../workers/data/tokenizer.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import type { ContentRef, ContentStore } from "../../../workers/storage/contentStore.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { proseOf } from "../../support/prose.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = new AbortController().signal;

function corpusOf(trainingBytes: number, heldOutBytes: number): Corpus {
  const document = (path: string, text: string) => ({
    group: path,
    path,
    text: new TextEncoder().encode(text),
  });
  return {
    training: [document("a", proseOf(1, trainingBytes / 2)), document("b", proseOf(2, trainingBytes / 2))],
    heldOut: [document("h", proseOf(3, heldOutBytes))],
    dropped: { duplicates: 3, leaks: 1 },
  };
}

/** A store that remembers which CIDs were read. */
async function countingStore(test: TestContext): Promise<{ store: ContentStore; reads: string[] }> {
  const local = await LocalStore.open(temporaryFolder(test));
  const reads: string[] = [];
  const store: ContentStore = {
    put: (bytes, options) => local.put(bytes, options),
    has: (ref, options) => local.has(ref, options),
    get: (ref, options) => {
      reads.push(ref.cid);
      return local.get(ref, options);
    },
  };
  return { store, reads };
}

const small = { shardTokens: 4096, minTokens: 65, signal };

it("publishDataset then DatasetReader, every sequence of every shard, gives the text in order", async (test) => {
  const { store } = await countingStore(test);
  const corpus = corpusOf(20_000, 3000);
  const { ref, manifest } = await publishDataset(corpus, store, small);
  const reader = await DatasetReader.open(ref, store, { signal });
  assert.deepEqual(reader.manifest, manifest);
  assert.equal(reader.shardCount, 5);
  assert.equal(
    manifest.shards.reduce((sum, shard) => sum + shard.tokens, 0),
    20_002,
  );
  let text = "";
  for (let shard = 0; shard < reader.shardCount; shard++) {
    assert.ok(manifest.shards[shard].tokens <= 4096);
    const length = manifest.shards[shard].tokens - 1; // one sequence that is the whole shard
    text += decodeTokens(await reader.sequenceAt(shard, 0, length, signal));
  }
  const whole = corpus.training.map((document) => `${new TextDecoder().decode(document.text)}\n`).join("");
  assert.equal(text, whole);
  const sequence = await reader.sequenceAt(1, 3, 64, signal);
  assert.equal(sequence.length, 65);
  const start = manifest.shards[0].tokens + 3 * 65;
  assert.equal(decodeTokens(sequence), whole.slice(start, start + 65));
});

it("publishDataset, twice into different stores, gives the same reference", async (test) => {
  const refs: ContentRef[] = [];
  for (let time = 0; time < 2; time++) {
    const { store } = await countingStore(test);
    refs.push((await publishDataset(corpusOf(20_000, 3000), store, small)).ref);
  }
  assert.deepEqual(refs[0], refs[1]);
});

it("publishDataset, too little text for one sequence, is DATA_TOO_SMALL", async (test) => {
  const { store } = await countingStore(test);
  for (const corpus of [corpusOf(60, 3000), corpusOf(20_000, 60)])
    await assert.rejects(publishDataset(corpus, store, small), (error) => {
      assert.ok(error instanceof FatalError && error.code === "DATA_TOO_SMALL");
      assert.equal(error.data.neededTokens, 65);
      return true;
    });
});

it("publishDataset, a long held-out part, is cut", async (test) => {
  const { store } = await countingStore(test);
  const { manifest } = await publishDataset(corpusOf(20_000, 3000), store, {
    ...small,
    maxHeldOutTokens: 1000,
  });
  assert.equal(manifest.heldOut.tokens, 1000);
});

it("DatasetReader, shards, are fetched when asked for, once, and evicted oldest first", async (test) => {
  const { store, reads } = await countingStore(test);
  const { ref, manifest } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const reader = await DatasetReader.open(ref, store, { signal, cacheBytes: 9000 });
  assert.deepEqual(reads.splice(0), [ref.cid]);
  await reader.prefetch([2, 1, 2], signal);
  await reader.sequenceAt(2, 0, 64, signal);
  assert.deepEqual(reads.splice(0), [manifest.shards[2].cid, manifest.shards[1].cid]);
  await reader.sequenceAt(0, 0, 64, signal); // 3 × 4000 bytes: shard 1 goes, it was used longest ago
  await reader.sequenceAt(2, 1, 64, signal);
  assert.deepEqual(reads.splice(0), [manifest.shards[0].cid]);
  await reader.sequenceAt(1, 0, 64, signal);
  assert.deepEqual(reads.splice(0), [manifest.shards[1].cid]);
});

it("DatasetReader.inUse, shards and the held-out part read lately, names those in memory", async (test) => {
  const { store } = await countingStore(test);
  const { ref, manifest } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const reader = await DatasetReader.open(ref, store, { signal, cacheBytes: 8000 });
  assert.deepEqual(reader.inUse(), []);
  await reader.prefetch([0, 2], signal);
  await reader.heldOutSequences(1, 64, signal);
  const cids = reader.inUse().map(({ cid }) => cid);
  assert.deepEqual(cids, [manifest.shards[2].cid, manifest.heldOut.cid], "shard 0 was used longest ago");
});

it("DatasetReader.heldOutSequences, fewer than there are, spreads them evenly", async (test) => {
  const { store } = await countingStore(test);
  const { ref } = await publishDataset(corpusOf(20_000, 6499), store, small);
  const reader = await DatasetReader.open(ref, store, { signal });
  assert.equal(reader.heldOutSequenceCount(64), 100);
  const text = proseOf(3, 6499);
  const sequences = await reader.heldOutSequences(4, 64, signal);
  assert.deepEqual(
    sequences.map((sequence) => decodeTokens(sequence)),
    [0, 25, 50, 75].map((k) => text.slice(k * 65, (k + 1) * 65)),
  );
  assert.equal((await reader.heldOutSequences(1000, 64, signal)).length, 100);
});

it("DatasetReader, indices beyond the end, are typed errors", async (test) => {
  const { store } = await countingStore(test);
  const { ref } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const reader = await DatasetReader.open(ref, store, { signal });
  const isData = (code: string) => (error: unknown) => error instanceof DataError && error.code === code;
  const count = reader.sequenceCount(0, 64);
  assert.equal(count, Math.floor(reader.manifest.shards[0].tokens / 65));
  await reader.sequenceAt(0, count - 1, 64, signal);
  for (const k of [-1, 0.5, count])
    await assert.rejects(reader.sequenceAt(0, k, 64, signal), isData("NO_SUCH_SEQUENCE"), `k ${k}`);
  for (const shard of [-1, 0.5, reader.shardCount])
    await assert.rejects(reader.sequenceAt(shard, 0, 64, signal), isData("NO_SUCH_SHARD"), `shard ${shard}`);
  assert.throws(() => reader.sequenceCount(99, 64), isData("NO_SUCH_SHARD"));
});

it("DatasetReader.open, a malformed manifest, is BAD_DATASET", async (test) => {
  const { store } = await countingStore(test);
  const { manifest } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const [shard] = manifest.shards;
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const malformed: Record<string, Uint8Array> = {
    "no JSON": Uint8Array.of(1, 2, 3),
    "no object": encode([]),
    "another version": encode({ ...manifest, version: 2 }),
    "a field too many": encode({ ...manifest, extra: 1 }),
    "no shards": encode({ ...manifest, shards: [] }),
    "a huge shard": encode({ ...manifest, shards: [{ ...shard, size: 2 ** 40, tokens: 2 ** 40 }] }),
    "tokens that are not the size": encode({ ...manifest, shards: [{ ...shard, tokens: shard.tokens - 1 }] }),
    "a CID of another form": encode({ ...manifest, heldOut: { ...shard, size: 2 << 20, tokens: 2 << 20 } }),
    "no CID": encode({ ...manifest, heldOut: { ...shard, cid: "../../etc/passwd" } }),
  };
  for (const [name, bytes] of Object.entries(malformed)) {
    const ref = await store.put(bytes, { signal });
    await assert.rejects(
      DatasetReader.open(ref, store, { signal }),
      (error) => error instanceof DataError && error.code === "BAD_DATASET",
      name,
    );
  }
});

it("encodeDatasetManifest, keys in any order, gives the same bytes", async (test) => {
  const { store } = await countingStore(test);
  const { manifest } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const reversed = Object.fromEntries(Object.entries(manifest).reverse()) as DatasetManifest;
  assert.deepEqual(encodeDatasetManifest(reversed), encodeDatasetManifest(manifest));
});
