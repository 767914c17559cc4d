import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ShardPrefetcher } from "../../../workers/miner/shardPrefetcher.ts";
import { assignedSequences } from "../../../workers/node/assignedSequences.ts";
import { openDataset } from "../../../workers/node/run.ts";
import { roundStart } from "../../../workers/protocol/clock.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import type { ContentStore } from "../../../workers/storage/contentStore.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { never, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

/** A miner of a run whose store can be made to fail; time passes while it waits. */
async function bench(t: TestContext) {
  const { chain, run, node } = await scriptedRun(t);
  const [{ neuronId }] = chain.register(1);
  chain.goTo(0, 0);
  const clock = new SleepClock();
  clock.onSleep = () => chain.mine(chain.time + 10);
  const faulty = { fails: 0, reads: new Set<string>() };
  const store: ContentStore = {
    put: (bytes, options) => run.store.put(bytes, options),
    has: (ref, options) => run.store.has(ref, options),
    async get(ref, options) {
      if (faulty.fails > 0) {
        faulty.fails -= 1;
        throw new StoreError("STORE_UNAVAILABLE", "not now");
      }
      faulty.reads.add(ref.cid);
      return run.store.get(ref, options);
    },
  };
  const parts = await node("miner", clock);
  const dataset = await openDataset({ ...run, store }, never);
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (_: string, fields: unknown) => void warnings.push(fields) };
  const sources = { ...parts, dataset };
  const prefetcher = new ShardPrefetcher({ ...sources, miner: neuronId, log });
  return { chain, run, sources, neuronId, dataset, faulty, warnings, prefetcher };
}

/** CIDs of the shards that a miner trains on in a round. */
async function needed({ sources, neuronId, dataset }: Awaited<ReturnType<typeof bench>>, round: number) {
  const assigned = await assignedSequences(sources, neuronId, round, never);
  return new Set(assigned.map(({ shard }) => dataset.manifest.shards[shard].cid));
}

test("ShardPrefetcher.prefetch, a round: all that its epoch's rounds train on is there and in use, and nothing else", async (t) => {
  const made = await bench(t);
  const { chain, prefetcher, dataset, faulty } = made;
  faulty.reads.clear();
  await prefetcher.prefetch(0, never);
  chain.goTo(2, 0);
  await made.sources.follower.sync(never);
  for (const round of [0, 1, 2]) {
    const cids = await needed(made, round);
    assert.ok(cids.isSubsetOf(faulty.reads), `round ${round}`);
  }
  assert.ok(faulty.reads.size <= made.run.manifest.data.shardsPerEpoch && faulty.reads.size > 0);
  assert.deepEqual(new Set(dataset.inUse().map(({ cid }) => cid)), faulty.reads);
});

test("ShardPrefetcher.prefetch, a store that fails: a warning, and the next round's fetches them", async (t) => {
  const made = await bench(t);
  const { prefetcher, faulty, warnings, dataset } = made;
  faulty.fails = 1;
  await prefetcher.prefetch(0, never);
  assert.deepEqual(
    warnings.map((fields) => (fields as { round: number }).round),
    [0],
  );
  await prefetcher.prefetch(1, never);
  assert.ok((await needed(made, 0)).isSubsetOf(new Set(dataset.inUse().map(({ cid }) => cid))));
  assert.equal(warnings.length, 1);
});

test("ShardPrefetcher.run, over two epochs until aborted: each epoch's shards, rejects with the signal's reason", async (t) => {
  const made = await bench(t);
  const { prefetcher, sources, run, faulty, chain } = made;
  const stop = new AbortController();
  const end = roundStart(run.contracts.clock, 4);
  const clock = sources.clock as SleepClock;
  const pass = clock.onSleep;
  clock.onSleep = () => {
    pass();
    if (chain.time >= end) stop.abort(new Error("enough"));
  };
  await assert.rejects(prefetcher.run(stop.signal), (error) => error === stop.signal.reason);
  for (const round of [0, 3])
    assert.ok((await needed(made, round)).isSubsetOf(faulty.reads), `round ${round}`);
});
