import assert from "node:assert/strict";
import { test } from "node:test";
import { ContentSweeps, neededContent } from "../../../workers/node/contentSweeps.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { refFor, refFromCid, refOf } from "../../../workers/storage/contentRef.ts";
import type { ContentRef } from "../../../workers/storage/contentStore.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { scriptedRun } from "../../support/scriptedRun.ts";

const checkpoint = (round: number) => {
  const { digest, size } = refOf(patternBytes(300 + round));
  return { round, contentDigest: digest, contentSize: size };
};

async function parts(t: Parameters<typeof scriptedRun>[0]) {
  const { run } = await scriptedRun(t);
  const shard = refOf(patternBytes(77));
  const tokenizer = { kind: "json", ...refOf(patternBytes(78)), end: 0 } as const;
  const follower = {
    history: { checkpoints: [1, 2, 3].map(checkpoint) },
    now: () => ({ round: 4 }),
    untilTime: async (_time: number, signal: AbortSignal) => signal.throwIfAborted(),
  };
  const dataset = { manifest: { tokenizer }, inUse: () => [shard] };
  return { run, follower, dataset, shard, tokenizer };
}

test("neededContent, a run with checkpoints and a tokenizer, names what a worker cannot do without", async (t) => {
  const { run, follower, dataset, shard, tokenizer } = await parts(t);
  const needed = neededContent({ run, follower, dataset } as unknown as Parameters<typeof neededContent>[0]);
  const { genesisState, dataset: data } = run.manifest;
  const { digest, size } = run.contracts.manifest;
  const states = [2, 3].map(checkpoint).map((each) => refFor(each.contentDigest, each.contentSize));
  const expected = [
    refFor(digest, size),
    refFromCid(genesisState.cid, genesisState.size),
    refFromCid(data.cid, data.size),
    refFromCid(tokenizer.cid, tokenizer.size),
    ...states,
    shard,
  ];
  assert.deepEqual(needed, expected);
});

test("ContentSweeps.run, round after round: sweeps each, a failure is logged and ends nothing", async (t) => {
  const made = await parts(t);
  const rounds: number[] = [];
  const logged: unknown[] = [];
  const stop = new AbortController();
  const store = { round: 2 };
  const keeper = {
    async sweep(round: number, _needed: readonly ContentRef[]) {
      rounds.push(round);
      assert.equal(store.round, round);
      if (rounds.length === 3) stop.abort(new Error("enough"));
      throw new StoreError("STORE_OVER_QUOTA", "too much");
    },
  };
  const log = { ...silentLog, error: (_: string, fields: unknown) => void logged.push(fields) };
  const options = { ...made, store, keeper, log };
  const sweeps = new ContentSweeps(options as unknown as ConstructorParameters<typeof ContentSweeps>[0]);
  await assert.rejects(sweeps.run(stop.signal), (error) => error === stop.signal.reason);
  assert.deepEqual(rounds, [4, 5, 6]);
  assert.deepEqual(
    logged.map((fields) => (fields as { round: number }).round),
    [4, 5],
  );
});
