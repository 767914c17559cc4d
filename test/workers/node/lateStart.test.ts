import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { lateStart } from "../../../workers/node/lateStart.ts";
import type { Round } from "../../../workers/protocol/quantities.ts";
import { never, type SealedUpdate, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

const after = `0x${"12".repeat(32)}` as const;
const other = `0x${"77".repeat(32)}` as const;

/** A miner that reveals updates of rounds 0, 1, …, each as given or none, and what its late steps begin from. */
async function bench(
  t: TestContext,
  options: { overlap?: 0 | 1; stored?: boolean; change?: { parentRoot: typeof other } } = {},
) {
  const { overlap, stored = true, change = {} } = options;
  const scripted = await scriptedRun(t, undefined, overlap);
  const { chain, seal, publish, node, run } = scripted;
  const [, miner] = chain.register(2);
  const sealed: SealedUpdate[] = [];
  for (const round of [0, 1]) {
    chain.goTo(round, 65);
    sealed.push(await seal(miner, round, { stored, change: { stateAfter: after, ...change } }));
    publish(miner, round, sealed[round]);
  }
  chain.goTo(2, 0).goTo(3, 0).goTo(4, 0);
  const { states, updates, follower } = await node("a", new SleepClock());
  await states.at(2, never);
  const of = (round: Round, stateBefore: typeof after = after) =>
    lateStart({ run, states, updates, history: follower.history }, miner.neuronId, round, stateBefore, never);
  return { ...scripted, sealed, states, of };
}

test("lateStart, an update of the round before that left this worker state: it, and θ of that round", async (t) => {
  const { of, sealed, states } = await bench(t, { overlap: 1 });
  assert.deepEqual(await of(2), { round: 2, from: await states.at(1, never), sent: sealed[1].tensors });
  assert.deepEqual((await of(1))?.sent, sealed[0].tensors);
});

test("lateStart, a run without overlap: none, whatever was revealed", async (t) => {
  for (const overlap of [undefined, 0] as const) {
    const { of } = await bench(t, overlap === undefined ? {} : { overlap });
    assert.equal(await of(1), undefined, `overlap ${overlap}`);
  }
});

test("lateStart, round 0, no reveal in the round before, another worker state: none", async (t) => {
  const { of } = await bench(t, { overlap: 1 });
  assert.equal(await of(0), undefined, "round 0");
  assert.equal(await of(3), undefined, "nothing revealed in round 2");
  assert.equal(await of(2, other), undefined, "another worker state");
});

test("lateStart, an update that names another parent state: none", async (t) => {
  const { of } = await bench(t, { overlap: 1, change: { parentRoot: other } });
  assert.equal(await of(1), undefined);
});

test("lateStart, an update that nobody serves, or θ that is no longer kept: an error says so", async (t) => {
  const { of } = await bench(t, { overlap: 1, stored: false });
  await assert.rejects(of(1), { code: "CONTENT_MISSING" });
  const { of: late, states } = await bench(t, { overlap: 1 });
  await states.at(4, never);
  await assert.rejects(late(1), { code: "STATE_TOO_OLD" });
});
