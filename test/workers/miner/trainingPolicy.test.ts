import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { TrainingPolicy } from "../../../workers/miner/trainingPolicy.ts";
import type { LateStart } from "../../../workers/node/lateStart.ts";
import { openDataset } from "../../../workers/node/run.ts";
import { Engine, type InnerPhase } from "../../../workers/training/engine.ts";
import { lateSteps } from "../../../workers/training/lateSteps.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { never, SleepClock, scriptedRun, valuesOf } from "../../support/scriptedRun.ts";

/** A miner's policy in round 4 of a run that overlaps, and the phases that its engine was asked for. */
async function bench(t: TestContext) {
  const scripted = await scriptedRun(t, undefined, 1);
  const { chain, run, node, seal } = scripted;
  const [, miner] = chain.register(2);
  const sealed = await seal(miner, 3);
  for (const round of [0, 1, 2, 3, 4]) chain.goTo(round, 0);
  const { beacons, follower, updates, states } = await node("a", new SleepClock());
  const { model, training } = run.manifest;
  const engine = new Engine({ model, training });
  t.after(() => engine.close());
  const phases: InnerPhase[] = [];
  const watched = Object.assign(Object.create(engine), {
    trainInner(phase: InnerPhase) {
      phases.push(phase);
      return engine.trainInner(phase);
    },
  });
  const dataset = await openDataset(run, never);
  const context = { run, neuronId: miner.neuronId, follower, updates };
  const policy = new TrainingPolicy({ context, beacons, dataset, engine: watched });
  const late: LateStart = { round: 4, from: await states.at(3, never), sent: sealed.tensors };
  const state = { ...(await states.at(4, never)), theta: valuesOf(run, 7) };
  const workerState = zeroWorkerState(run.specs);
  return { ...scripted, policy, late, work: { state, workerState, late }, phases, follower };
}

const steps = (phases: readonly InnerPhase[]) =>
  phases.map(({ firstStep, batches }) => [firstStep, batches.length]);

test("TrainingPolicy, late steps begun ahead: made once, and the offer is that of late steps made when due", async (t) => {
  const { policy, work, late, phases, run } = await bench(t);
  const due = await policy.offer(work, never);
  const { innerSteps } = run.manifest.training;
  const first = lateSteps(run.manifest, 4);
  const expected = [
    [4 * innerSteps, first],
    [4 * innerSteps + first, innerSteps - first],
  ];
  assert.deepEqual(steps(phases), expected);
  phases.length = 0;
  policy.begin(late, work.workerState, never);
  assert.deepEqual(await policy.offer(work, never), due);
  assert.deepEqual(steps(phases), expected);
});

test("TrainingPolicy, no late start: all steps from θ, another offer", async (t) => {
  const { policy, work, phases, run } = await bench(t);
  const { late: _, ...plain } = work;
  const { innerSteps } = run.manifest.training;
  const offer = await policy.offer(plain, never);
  assert.deepEqual(steps(phases), [[4 * innerSteps, innerSteps]]);
  assert.notDeepEqual(offer.values, (await policy.offer(work, never)).values);
});

test("TrainingPolicy, begun with another worker state, or before a reorganisation, or failed: made again when due", async (t) => {
  const { policy, work, late, phases, run, chain, follower } = await bench(t);
  const due = await policy.offer(work, never);
  const lasting = () => phases.filter(({ signal }) => !signal.aborted).length;
  const again = async (why: string) => {
    const before = lasting();
    assert.deepEqual(await policy.offer(work, never), due, why);
    assert.equal(lasting(), before + 2, why);
  };
  policy.begin(late, { ...zeroWorkerState(run.specs), errorFeedback: valuesOf(run, 3) }, never);
  await again("another worker state");
  policy.begin({ ...late, round: 5 }, work.workerState, never);
  await again("another round");
  policy.begin(late, work.workerState, AbortSignal.abort(new Error("stopped")));
  await again("failed");
  policy.begin(late, work.workerState, never);
  chain.reorganise(1).goTo(4, 0).goTo(4, 1);
  await follower.sync(never);
  const before = lasting();
  await policy.offer(work, never);
  assert.equal(lasting(), before + 2, "after a reorganisation");
});
