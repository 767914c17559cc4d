import assert from "node:assert/strict";
import { test } from "node:test";
import type { UpdateHeader } from "../../../workers/codec/header.ts";
import { InvalidUpdate, UpdateReader } from "../../../workers/node/updateReader.ts";
import type { RevealedUpdate } from "../../../workers/protocol/roundHistory.ts";
import type { ContentStore } from "../../../workers/storage/contentStore.ts";
import { ManualClock } from "../../support/ManualClock.ts";
import { never, type SealedUpdate, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

const neuron = { neuronId: 5n, uid: 4, hotkey: `0x${"05".repeat(20)}` } as const;
const other = `0x${"77".repeat(32)}` as const;

function revealOf({ content }: SealedUpdate, round = 2, neuronId: bigint = neuron.neuronId): RevealedUpdate {
  const at = { blockNumber: 1n, logIndex: 0, time: 0 };
  return { ...content, ...neuron, neuronId, round, committedAt: at, revealedAt: at };
}

function reasonIs(reason: string) {
  return (error: unknown) => {
    assert.ok(error instanceof InvalidUpdate, String(error));
    assert.deepEqual(error.data, { round: 2, uid: 4, reason });
    return true;
  };
}

test("UpdateReader, an update as sealed, header and tensors; read from the store once", async (t) => {
  const { run, seal } = await scriptedRun(t);
  let gets = 0;
  const store: ContentStore = {
    put: (bytes, options) => run.store.put(bytes, options),
    has: (ref, options) => run.store.has(ref, options),
    get: (ref, options) => {
      gets += 1;
      return run.store.get(ref, options);
    },
  };
  const reader = new UpdateReader({ ...run, store }, new SleepClock());
  const sealed = await seal(neuron, 2);
  const { header, tensors } = await reader.read(revealOf(sealed), never);
  assert.equal(header.neuronId, 5n);
  assert.deepEqual(tensors, sealed.tensors);
  await reader.read(revealOf(sealed), never);
  assert.equal(gets, 1);
});

test("UpdateReader.takeSeconds, fetches that overlap, counts the time in which any was under way", async (t) => {
  const { run, seal } = await scriptedRun(t);
  const clock = new ManualClock();
  const waits = [2000, 3000];
  const store: ContentStore = {
    put: (bytes, options) => run.store.put(bytes, options),
    has: (ref, options) => run.store.has(ref, options),
    async get(ref, options) {
      await clock.sleep(waits.shift() ?? 0, options.signal);
      return run.store.get(ref, options);
    },
  };
  const reader = new UpdateReader({ ...run, store }, clock);
  const sealed = [await seal(neuron, 2), await seal(neuron, 3)];
  const reads = sealed.map((each, index) => reader.read(revealOf(each, 2 + index), never));
  await clock.advance(1000);
  assert.equal(clock.sleepers, 2);
  await clock.advance(2000);
  await Promise.all(reads);
  assert.deepEqual(reader.takeSeconds(), { fetch: 3, decode: 0 });
  assert.deepEqual(reader.takeSeconds(), { fetch: 0, decode: 0 });
});

test("UpdateReader.readFor, an update that names another parent state: UPDATE_FOREIGN, read or not; else as read", async (t) => {
  const { run, seal, root } = await scriptedRun(t);
  const reader = new UpdateReader(run, new SleepClock());
  const sealed = await seal(neuron, 2);
  assert.deepEqual((await reader.readFor(root, revealOf(sealed), never)).tensors, sealed.tensors);
  for (const parent of [other, run.manifestHash]) {
    await assert.rejects(reader.readFor(parent, revealOf(sealed), never), (error) => {
      assert.ok(error instanceof InvalidUpdate);
      assert.equal(error.code, "UPDATE_FOREIGN");
      assert.deepEqual([error.data.round, error.data.uid], [2, 4]);
      return true;
    });
  }
});

test("UpdateReader, what its header says is another's, InvalidUpdate with the reason", async (t) => {
  const { run, seal } = await scriptedRun(t);
  const cases: readonly (readonly [Partial<UpdateHeader>, string])[] = [
    [{ manifestHash: other }, "another manifest"],
    [{ round: 3 }, "made for round 3"],
    [{ neuronId: 6n }, "made by another neuron"],
  ];
  for (const [change, reason] of cases) {
    const reader = new UpdateReader(run, new SleepClock());
    const reveal = revealOf(await seal(neuron, 2, { change }));
    await assert.rejects(reader.read(reveal, never), reasonIs(reason), reason);
    await assert.rejects(reader.read(reveal, never), reasonIs(reason), `${reason}, again`);
  }
});

test("UpdateReader, another data root, more bytes than allowed, no update at all: InvalidUpdate", async (t) => {
  const { run, seal } = await scriptedRun(t);
  const reader = () => new UpdateReader(run, new SleepClock());
  const reveal = revealOf(await seal(neuron, 2));
  await assert.rejects(reader().read({ ...reveal, dataRoot: other }, never), reasonIs("another data root"));
  const size = run.manifest.limits.maxUpdateBytes + 1;
  await assert.rejects(reader().read({ ...reveal, size }, never), reasonIs("larger than allowed"));
  const noise = revealOf(await seal(neuron, 2, { bytes: new Uint8Array(3000).fill(7) }));
  await assert.rejects(reader().read(noise, never), InvalidUpdate);
  const wrongSalt = { ...reveal, salt: other };
  await assert.rejects(reader().read(wrongSalt, never), InvalidUpdate, "undecryptable");
});

test("UpdateReader, content not there yet, retryable and not remembered", async (t) => {
  const { run, store, seal } = await scriptedRun(t);
  const reader = new UpdateReader(run, new SleepClock());
  const sealed = await seal(neuron, 2, { stored: false });
  await assert.rejects(reader.read(revealOf(sealed), never), { code: "CONTENT_MISSING", retryable: true });
  await store.put(sealed.encrypted, { signal: never });
  assert.deepEqual((await reader.read(revealOf(sealed), never)).tensors, sealed.tensors);
});

test("UpdateReader, more decoded bytes than it may keep: the least recently used is read again, the last one never", async (t) => {
  const { run, seal } = await scriptedRun(t);
  const read: string[] = [];
  const store: ContentStore = {
    put: (bytes, options) => run.store.put(bytes, options),
    has: (ref, options) => run.store.has(ref, options),
    get: (ref, options) => {
      read.push(ref.cid);
      return run.store.get(ref, options);
    },
  };
  const sealed = [];
  for (const neuronId of [5n, 6n, 7n]) sealed.push(await seal({ ...neuron, neuronId }, 2));
  const [first, second, third] = sealed.map((one, index) => revealOf(one, 2, BigInt(5 + index)));
  const bytes = (one: SealedUpdate) =>
    one.tensors.reduce((sum, { values }) => sum + 8 * values.length, one.encrypted.length);
  const reads = async (reader: UpdateReader, ...reveals: readonly RevealedUpdate[]) => {
    read.length = 0;
    for (const reveal of reveals) await reader.read(reveal, never);
    return read.length;
  };
  const mostBytes = bytes(sealed[0]) + bytes(sealed[1]);
  const two = new UpdateReader({ ...run, store }, new SleepClock(), { mostBytes });
  assert.equal(await reads(two, first, second), 2);
  assert.equal(await reads(two, first, second, first), 0);
  // The second was used before the first.
  assert.equal(await reads(two, third, first, third), 1);
  assert.equal(await reads(two, second), 1);
  const none = new UpdateReader({ ...run, store }, new SleepClock(), { mostBytes: 0 });
  assert.equal(await reads(none, first, first, second, second, first), 3);
});

test("UpdateReader.open, an update, gives its tensors one by one, also when its decoded ones are no longer kept", async (t) => {
  const { run, seal } = await scriptedRun(t);
  const sealed = [await seal(neuron, 2), await seal({ ...neuron, neuronId: 6n }, 2)];
  const [first, second] = [revealOf(sealed[0]), revealOf(sealed[1], 2, 6n)];
  for (const mostBytes of [0, 1e9]) {
    const reader = new UpdateReader(run, new SleepClock(), { mostBytes });
    const opened = await reader.open(first, never);
    const decoded = opened.tensor(0);
    await reader.open(second, never);
    assert.equal(opened.header.neuronId, 5n);
    // The same object while it is kept, another that is equal afterwards.
    assert.equal(opened.tensor(0) === decoded, mostBytes > 0);
    for (const index of [3, 0, run.specs.length - 1])
      assert.deepEqual(opened.tensor(index), sealed[0].tensors[index], `tensor ${index}`);
  }
  const reader = new UpdateReader(run, new SleepClock());
  const noise = revealOf(await seal(neuron, 2, { bytes: new Uint8Array(3000).fill(7) }));
  await assert.rejects(reader.open(noise, never), InvalidUpdate);
});
