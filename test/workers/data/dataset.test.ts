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

it("DatasetReader.keep, shards that are not in memory, are in use until others are kept", async (test) => {
  const { store } = await countingStore(test);
  const { ref, manifest } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const reader = await DatasetReader.open(ref, store, { signal, cacheBytes: 4096 });
  reader.keep([3, 1]);
  await reader.prefetch([0], signal);
  const cids = () => reader.inUse().map(({ cid }) => cid);
  assert.deepEqual(
    cids(),
    [0, 1, 3].map((shard) => manifest.shards[shard].cid),
  );
  reader.keep([4]);
  assert.deepEqual(
    cids(),
    [0, 4].map((shard) => manifest.shards[shard].cid),
  );
  assert.throws(() => reader.keep([5]), { code: "NO_SUCH_SHARD" });
  assert.deepEqual(reader.shardCids(), new Set([...manifest.shards, manifest.heldOut].map(({ cid }) => cid)));
});

it("DatasetReader.sequences, more shards than the cache holds, in any order, reads each once", async (test) => {
  const { store, reads } = await countingStore(test);
  const { ref } = await publishDataset(corpusOf(20_000, 3000), store, small);
  const reader = await DatasetReader.open(ref, store, { signal, cacheBytes: 4096 });
  reads.splice(0);
  const refs = Array.from({ length: 40 }, (_, k) => ({ shard: (k * 7) % 5, sequence: (k * 11) % 60 }));
  const found = await reader.sequences(refs, 64, signal);
  assert.equal(reads.length, 5);
  for (const [index, { shard, sequence }] of refs.entries())
    assert.deepEqual(found[index], await reader.sequenceAt(shard, sequence, 64, signal), `sequence ${index}`);
  await assert.rejects(reader.sequences([{ shard: 0, sequence: 1e6 }], 64, signal), {
    code: "NO_SUCH_SEQUENCE",
  });
});

it("DatasetReader, a shard asked for while it is on its way, is fetched once; given up there, it is fetched here", async (test) => {
  const { store: local } = await countingStore(test);
  const { ref } = await publishDataset(corpusOf(20_000, 3000), local, small);
  const waiting: (() => void)[] = [];
  const store: ContentStore = {
    ...local,
    async get(content, options) {
      if (content.cid !== ref.cid)
        await new Promise<void>((resolve, reject) => {
          waiting.push(resolve);
          options.signal.addEventListener("abort", () => reject(options.signal.reason), { once: true });
        });
      return local.get(content, options);
    },
  };
  const reader = await DatasetReader.open(ref, store, { signal });
  const ahead = reader.prefetch([0], signal);
  const needed = reader.sequenceAt(0, 0, 64, signal);
  assert.equal(waiting.length, 1);
  waiting[0]();
  await ahead;
  assert.equal((await needed).length, 65);

  const [giveUp, impatient] = [new AbortController(), new AbortController()];
  const [enough, late] = [new Error("enough"), new Error("late")];
  const ahead1 = assert.rejects(reader.prefetch([1], giveUp.signal), (error) => error === enough);
  const needed1 = reader.sequenceAt(1, 0, 64, signal);
  const needed2 = assert.rejects(reader.sequenceAt(1, 0, 64, impatient.signal), (error) => error === late);
  impatient.abort(late);
  await needed2;
  giveUp.abort(enough);
  await ahead1;
  while (waiting.length < 3) await new Promise((resolve) => setImmediate(resolve));
  waiting[2]();
  assert.equal((await needed1).length, 65);
  assert.equal(waiting.length, 3);
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
