import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { lateStart } from "../../../workers/node/lateStart.ts";
import type { Round } from "../../../workers/protocol/quantities.ts";
import { never, type SealedUpdate, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

const after = `0x${"12".repeat(32)}` as const;
const other = `0x${"77".repeat(32)}` as const;

/** A miner that reveals updates in rounds 2, 3 and 4, and what its late steps begin from. */
async function bench(
  t: TestContext,
  options: { overlap?: 0 | 1; stored?: boolean; change?: { parentRoot: typeof other } } = {},
) {
  const { overlap, stored = true, change = {} } = options;
  const scripted = await scriptedRun(t, undefined, overlap);
  const { chain, seal, publish, node, run } = scripted;
  const [, miner] = chain.register(2);
  const sealed = new Map<Round, SealedUpdate>();
  for (const round of [2, 3, 4]) {
    chain.goTo(round, 65);
    const made = await seal(miner, round, { stored, change: { stateAfter: after, ...change } });
    publish(miner, round, made);
    sealed.set(round, made);
  }
  for (const round of [5, 6, 7, 8]) chain.goTo(round, 0);
  const { states, updates, follower } = await node("a", new SleepClock());
  await states.at(5, never);
  const of = (round: Round, stateBefore: typeof after = after) =>
    lateStart({ run, states, updates, history: follower.history }, miner.neuronId, round, stateBefore, never);
  return { ...scripted, sealed, states, of };
}

test("lateStart, an update of the round before that left this worker state: it, and θ of that round", async (t) => {
  const { of, sealed, states } = await bench(t, { overlap: 1 });
  const from = await states.at(4, never);
  assert.deepEqual(await of(5), { round: 5, from, sent: sealed.get(4)?.tensors });
  assert.deepEqual((await of(4))?.sent, sealed.get(3)?.tensors);
});

test("lateStart, a run without overlap: none, whatever was revealed", async (t) => {
  for (const overlap of [undefined, 0] as const) {
    const { of } = await bench(t, overlap === undefined ? {} : { overlap });
    assert.equal(await of(5), undefined, `overlap ${overlap}`);
  }
});

test("lateStart, one of the first rounds, no reveal in the round before, another worker state: none", async (t) => {
  const { of } = await bench(t, { overlap: 1 });
  assert.equal(await of(0), undefined, "round 0");
  assert.equal(await of(3), undefined, "round 3");
  assert.equal(await of(6), undefined, "nothing revealed in round 5");
  assert.equal(await of(5, other), undefined, "another worker state");
});

test("lateStart, an update that names another parent state: none", async (t) => {
  const { of } = await bench(t, { overlap: 1, change: { parentRoot: other } });
  assert.equal(await of(5), undefined);
});

test("lateStart, an update that nobody serves, or θ that is no longer kept: an error says so", async (t) => {
  const { of } = await bench(t, { overlap: 1, stored: false });
  await assert.rejects(of(5), { code: "CONTENT_MISSING" });
  const { of: late, states } = await bench(t, { overlap: 1 });
  await states.at(8, never);
  await assert.rejects(late(5), { code: "STATE_TOO_OLD" });
});
