import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { ContentIndex } from "../../../workers/database/contentIndex.ts";
import { ContentKeeper } from "../../../workers/node/contentKeeper.ts";
import { NotedStore } from "../../../workers/node/notedStore.ts";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import type { MetricRow } from "../../../workers/runtime/metrics.ts";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import type { ContentRef } from "../../../workers/storage/contentStore.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { openStoreParts } from "../../../workers/storage/openStore.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { findKubo, startKubo } from "../../support/kuboDaemon.ts";
import { never } from "../../support/scriptedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = never;

interface Rules {
  readonly keepRounds?: number;
  readonly ownRounds?: number;
  readonly quotaBytes?: number;
  readonly shards?: ReadonlySet<string>;
  readonly shardQuotaBytes?: number;
  readonly owner?: string;
  readonly pins?: string[];
}

/** A worker's store and keeper over a folder; content that others put there goes through `plain`. */
async function worker(folder: string, rules: Rules = {}) {
  const plain = await LocalStore.open(folder);
  const index = new ContentIndex(join(folder, "contents.sqlite"));
  const blocks = new FileBlockstore(folder);
  const calls = rules.pins;
  const pins = calls && {
    pin: async (cid: string) => void calls.push(`pin ${cid}`),
    unpin: async (cid: string) => void calls.push(`unpin ${cid}`),
  };
  const opened = { store: plain, blocks, pins, fetches: true };
  const store = new NotedStore(opened, index);
  const rows: MetricRow[] = [];
  const keeper = new ContentKeeper({
    opened,
    index,
    owner: rules.owner ?? "miner",
    keepRounds: rules.keepRounds ?? 10,
    ownRounds: rules.ownRounds ?? 0,
    quotaBytes: rules.quotaBytes,
    shards: rules.shards ?? new Set(),
    shardQuotaBytes: rules.shardQuotaBytes,
    log: silentLog,
    metrics: { record: (row) => void rows.push(row) },
  });
  const at = async (round: number, seed: number | Uint8Array): Promise<ContentRef> => {
    store.round = round;
    return store.put(typeof seed === "number" ? patternBytes(seed) : seed, { signal });
  };
  return { plain, index, blocks, store, keeper, rows, at };
}

async function opened(test: Pick<TestContext, "after">, rules: Rules = {}) {
  const made = await worker(temporaryFolder(test), rules);
  test.after(() => made.index.close());
  return made;
}

const isOverQuota = (error: unknown) =>
  error instanceof StoreError && error.code === "STORE_OVER_QUOTA" && !error.retryable;

test("ContentKeeper.sweep, by age: what was not used goes, what was read, is needed or is one's own stays", async (t) => {
  const { at, store, keeper, rows, plain } = await opened(t, { keepRounds: 10, ownRounds: 20 });
  const [old, read, needed, own] = [await at(1, 100), await at(1, 101), await at(1, 102), await at(15, 103)];
  store.round = 20;
  await store.get(read, { maxBytes: 200, signal });
  await keeper.sweep(30, [needed], signal);
  const has = (ref: ContentRef) => plain.has(ref, { signal });
  assert.deepEqual(await Promise.all([old, read, needed, own].map(has)), [false, true, true, true]);
  assert.deepEqual(rows, [
    { type: "store", round: 30, usedBytes: 101 + 102 + 103, removedContents: 1, overBytes: 0 },
  ]);
});

test("ContentKeeper.sweep, content that others put there, is counted and never removed", async (t) => {
  const { plain, store, keeper } = await opened(t, { keepRounds: 1, quotaBytes: 500 });
  const others = await plain.put(patternBytes(1000), { signal });
  await store.get(others, { maxBytes: 1000, signal });
  await assert.rejects(keeper.sweep(100, [], signal), isOverQuota);
  assert.equal(await plain.has(others, { signal }), true);
});

test("ContentKeeper.sweep, above the quota: the oldest go; where only needed content is left, STORE_OVER_QUOTA", async (t) => {
  const { at, keeper, rows, plain } = await opened(t, { quotaBytes: 250 });
  const [first, second, third] = [await at(1, 100), await at(2, 101), await at(3, 102)];
  await keeper.sweep(5, [], signal);
  const has = (ref: ContentRef) => plain.has(ref, { signal });
  assert.deepEqual(await Promise.all([first, second, third].map(has)), [false, true, true]);
  const fourth = await at(6, 103);
  await assert.rejects(keeper.sweep(6, [second, third, fourth], signal), isOverQuota);
  assert.deepEqual(await Promise.all([second, third, fourth].map(has)), [true, true, true]);
  assert.deepEqual(rows.at(-1), {
    type: "store",
    round: 6,
    usedBytes: 306,
    removedContents: 0,
    overBytes: 56,
  });
});

test("ContentKeeper.sweep, more shards than their quota: those used longest ago go, never those in use or one's own", async (t) => {
  const refs = [100, 101, 102, 103].map((seed) => refOf(patternBytes(seed)));
  const shards = new Set(refs.map(({ cid }) => cid));
  const { plain, index, keeper, at } = await opened(t, { shards, shardQuotaBytes: 210 });
  const other = await at(0, 300);
  for (const [round, { cid, size }] of refs.entries()) {
    await plain.put(patternBytes(size), { signal });
    index.note({ cid, size, round, own: false });
  }
  const [first, second, third, last] = refs;
  const has = () => Promise.all([...refs, other].map((ref) => plain.has(ref, { signal })));
  await keeper.sweep(5, [first, other], signal);
  assert.deepEqual(await has(), [true, false, false, true, true]);
  // What is in use alone exceeds it: it stays, and that is said.
  await plain.put(patternBytes(third.size), { signal });
  index.note({ cid: third.cid, size: third.size, round: 6, own: false });
  await assert.rejects(keeper.sweep(6, [first, third, last], signal), isOverQuota);
  assert.deepEqual(await has(), [true, false, true, true, true]);
  // A shard that this worker published itself is not its cache.
  index.note({ cid: second.cid, size: second.size, round: 6, own: true });
  await plain.put(patternBytes(second.size), { signal });
  await keeper.sweep(7, [], signal);
  assert.deepEqual(await has(), [false, true, true, true, true]);
});

test("ContentKeeper.sweep, contents that share blocks: shared ones stay with the one that stays", async (t) => {
  const { at, keeper, plain, blocks } = await opened(t, { keepRounds: 10 });
  const [leaf, tail] = [patternBytes(1 << 20), patternBytes(7)];
  const gone = await at(1, Buffer.concat([leaf, tail]));
  const kept = await at(9, Buffer.concat([leaf, patternBytes(9)]));
  await keeper.sweep(12, [], signal);
  assert.equal(await plain.has(gone, { signal }), false);
  assert.equal(await plain.has(kept, { signal }), true);
  const nodeBytes = (await blocks.usedBytes()) - leaf.length - 9;
  assert.ok(nodeBytes > 0 && nodeBytes < 200, "one node, and no block of the other");
});

test("ContentKeeper.sweep, two workers on one folder: what either needs stays until it says otherwise", async (t) => {
  const folder = temporaryFolder(t);
  const [one, other] = [await worker(folder, { owner: "one" }), await worker(folder, { owner: "other" })];
  t.after(() => [one, other].map(({ index }) => index.close()));
  const ref = await one.at(0, 100);
  await other.keeper.sweep(20, [ref], signal);
  await one.keeper.sweep(25, [], signal);
  assert.equal(await one.plain.has(ref, { signal }), true);
  await other.keeper.sweep(26, [], signal);
  assert.equal(await one.plain.has(ref, { signal }), false);
});

test("ContentKeeper.sweep, content in a daemon: counted, unpinned, and pinned again where it was stored meanwhile", async (t) => {
  const pins: string[] = [];
  const { at, keeper, index, rows } = await opened(t, { pins });
  const ref = await at(0, 100);
  await keeper.sweep(5, [], signal);
  assert.deepEqual(rows[0], { type: "store", round: 5, usedBytes: 200, removedContents: 0, overBytes: 0 });
  await keeper.sweep(20, [], signal);
  assert.deepEqual(pins, [`unpin ${ref.cid}`]);
  await at(0, 100);
  const push = pins.push.bind(pins);
  pins.push = (call) => {
    if (call.startsWith("unpin")) index.note({ ...ref, round: 40, own: true });
    return push(call);
  };
  await keeper.sweep(40, [], signal);
  assert.deepEqual(pins.slice(1), [`unpin ${ref.cid}`, `pin ${ref.cid}`]);
});

const kubo = await findKubo();
console.log("missing" in kubo ? `kubo: not run (${kubo.missing})` : "kubo: ran");

test("ContentKeeper.sweep, in a real daemon: unneeded content is unpinned and collected, needed content stays", {
  skip: "missing" in kubo ? kubo.missing : false,
}, async (t) => {
  if ("missing" in kubo) return;
  const folder = temporaryFolder(t);
  const daemon = await startKubo(kubo.binary, join(folder, "kubo"));
  t.after(() => daemon.stop());
  const settings = { folder: join(folder, "cache"), ipfsApi: daemon.api.href, gateways: [] };
  const parts = await openStoreParts(settings, { fetch, clock: systemClock });
  const index = new ContentIndex(join(folder, "contents.sqlite"));
  t.after(() => index.close());
  const store = new NotedStore(parts, index);
  const old = await store.put(patternBytes((1 << 20) + 5), { signal });
  const needed = await store.put(patternBytes(700), { signal });
  const rows: MetricRow[] = [];
  const keeper = new ContentKeeper({
    opened: parts,
    index,
    owner: "miner",
    keepRounds: 10,
    ownRounds: 5,
    quotaBytes: undefined,
    shards: new Set(),
    shardQuotaBytes: undefined,
    log: silentLog,
    metrics: { record: (row) => void rows.push(row) },
  });
  await store.get(old, { maxBytes: old.size, signal });
  assert.ok((await parts.blocks.usedBytes()) > old.size, "the cache has what was read");
  await keeper.sweep(20, [needed], signal);
  assert.equal(await parts.blocks.usedBytes(), 0);
  const answer = await fetch(new URL("api/v0/repo/gc", daemon.api), { method: "POST" });
  await answer.text();
  assert.equal(await store.has(old, { signal }), false);
  assert.equal(await store.has(needed, { signal }), true);
  assert.deepEqual(
    rows.map((row) => row.type === "store" && row.removedContents),
    [1],
  );
});

test("ContentKeeper.sweep, random stores, reads, needs and rounds: what is needed stays whole, the quota holds where it can", async (t) => {
  const step = fc.record({
    seed: fc.integer({ min: 1, max: 12 }),
    rounds: fc.nat(4),
    needed: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
    sweep: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), async (steps) => {
      const rules = { keepRounds: 8, ownRounds: 2, quotaBytes: 600 };
      const { at, keeper, plain, blocks, index } = await worker(temporaryFolder(t), rules);
      const stored = new Map<number, { ref: ContentRef; round: number }>();
      let round = 0;
      try {
        for (const { seed, rounds, needed, sweep } of steps) {
          round += rounds;
          const known = stored.get(seed)?.round ?? 0;
          stored.set(seed, { ref: await at(round, 90 + seed), round: Math.max(known, round) });
          if (!sweep) continue;
          const refs = needed.flatMap((each) => stored.get(each)?.ref ?? []);
          const before = new Map<number, boolean>();
          for (const [each, { ref }] of stored) before.set(each, await plain.has(ref, { signal }));
          const over = await keeper.sweep(round, refs, signal).then(
            () => false,
            (error) => isOverQuota(error) || assert.fail(String(error)),
          );
          for (const [each, { ref, round: used }] of stored) {
            const mustStay = refs.includes(ref) || round - used <= rules.ownRounds;
            if (mustStay && before.get(each)) assert.ok(await plain.has(ref, { signal }), `content ${each}`);
            if (round - used > rules.keepRounds && !refs.includes(ref))
              assert.equal(await plain.has(ref, { signal }), false, `content ${each} is too old`);
          }
          assert.equal((await blocks.usedBytes()) > rules.quotaBytes, over);
        }
      } finally {
        index.close();
      }
    }),
    { seed: 9, numRuns: 25 },
  );
});
