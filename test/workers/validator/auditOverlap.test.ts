import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AuditFinding } from "../../../workers/evaluation/audit.ts";
import type { RoundWork } from "../../../workers/miner/updatePolicy.ts";
import { type LateSteps, trainLateSteps, trainRound } from "../../../workers/node/trainRound.ts";
import { UpdateReader } from "../../../workers/node/updateReader.ts";
import type { NeuronId } from "../../../workers/protocol/quantities.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { type EvaluatedRun, evaluatedRun, type Tampering } from "../../support/evaluatedRun.ts";
import { never, SleepClock } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

const honest = 2n;

type Make = (run: EvaluatedRun) => ReadonlyMap<NeuronId, Tampering>;

/** Three rounds of a run that overlaps; in the last some do otherwise. Its audits by somebody who comes after it. */
const [first, second, last] = [3, 4, 5];
async function audited(t: TestContext, make: Make = () => new Map(), settings = auditAll) {
  const run = await evaluatedRun(t, undefined, settings, 1);
  for (const round of [first, second]) await run.play(round);
  await run.play(last, make(run));
  const node = await run.node("auditor", new SleepClock());
  const auditor = run.auditorOf(node);
  return { run, auditor, found: await auditor.findings(last, never) };
}

const brief = (found: AuditFinding | undefined) =>
  found === undefined ? undefined : [found.result, found.reason, found.mode];

/** Somebody's round from late steps that were made otherwise than the protocol says. */
function trains(
  { host, run, dataset, engine }: EvaluatedRun,
  miner: NeuronId,
  change: (work: RoundWork) => Partial<RoundWork> = () => ({}),
  changed: (late: LateSteps) => LateSteps = (late) => late,
): Tampering {
  return {
    async offer(work) {
      const { state, workerState, late } = { ...work, ...change(work) };
      const sources = { run, beacons: host.beacons, dataset, engine };
      const made = late && changed(await trainLateSteps(sources, miner, late, workerState, never));
      return trainRound(sources, miner, state, workerState, never, made);
    },
  };
}

test("Auditor, a run that overlaps: honest rounds are computed again to the bit, from late steps on", async (t) => {
  const { auditor, found } = await audited(t);
  for (const round of [first, second]) {
    const findings = await auditor.findings(round, never);
    for (const neuronId of [2n, 4n, 6n])
      assert.deepEqual(brief(findings.get(neuronId)), ["pass", "reproduced", "exact"], `round ${round}`);
  }
  for (const neuronId of [2n, 4n, 6n])
    assert.deepEqual(brief(found.get(neuronId)), ["pass", "reproduced", "exact"], `neuron ${neuronId}`);
  assert.equal(found.get(5n)?.result, "fail");
});

test("Auditor, late steps left out, from another start, or not caught up: each fails", async (t) => {
  const { found } = await audited(
    t,
    (run) =>
      new Map<NeuronId, Tampering>([
        // All steps from θ, as without overlap.
        [2n, trains(run, 2n, () => ({ late: undefined }))],
        // As if nothing had been sent in the round before.
        [4n, trains(run, 4n, ({ late }) => (late === undefined ? {} : { late: withNothing(late) }))],
        // The others' updates of the round before never arrive.
        [6n, trains(run, 6n, undefined, (late) => ({ ...late, stoodIn: run.host.states.latest.theta }))],
      ]),
  );
  for (const neuronId of [2n, 4n, 6n])
    assert.deepEqual(brief(found.get(neuronId)), ["fail", "updateDiffers", "exact"], `neuron ${neuronId}`);
});

function withNothing<Late extends NonNullable<RoundWork["late"]>>(late: Late): Late {
  const nothing = { positions: new Uint32Array(), values: new Float32Array() };
  return { ...late, sent: late.sent.map(() => nothing) };
}

test("Auditor, who sat the round before out, or starts from the zero state: no late steps, reproduced", async (t) => {
  const run = await evaluatedRun(t, undefined, auditAll, 1);
  await run.play(first);
  await run.play(second, new Map([[honest, { offer: async () => undefined }]]));
  const zero = zeroWorkerState(run.run.specs);
  const asked: RoundWork["late"][] = [];
  const noted = trains(run, honest, ({ late }) => {
    asked.push(late);
    return {};
  });
  await run.play(
    last,
    new Map<NeuronId, Tampering>([
      [honest, noted],
      [4n, { before: () => zero }],
    ]),
  );
  assert.deepEqual(asked, [undefined]);
  const found = await run.auditorOf(await run.node("auditor", new SleepClock())).findings(last, never);
  assert.deepEqual(brief(found.get(honest)), ["pass", "reproduced", "exact"]);
  // Its zero state is known to all; the state of its own that it passes over is nobody's business.
  assert.deepEqual(brief(found.get(4n)), ["pass", "reproduced", "exact"]);
});

test("Auditor, the update of the round before that its miner goes on from cannot be had: withheld", async (t) => {
  const { run } = await audited(t);
  const { follower } = run.host;
  const reveal = follower.history.rounds.reveal(second, honest);
  assert.ok(reveal !== undefined);
  const node = await run.node("later", new SleepClock());
  // θ is computed before the content goes.
  await node.states.at(last, never);
  const updates = new UpdateReader(node.run, node.clock);
  await rm(join(run.dir, "content", reveal.digest.slice(2, 4), `${reveal.digest.slice(2)}.raw`));
  const found = await run.auditorOf({ ...node, updates }).findings(last, never);
  assert.deepEqual(brief(found.get(honest)), ["withheld", "withheld", null]);
  assert.equal(found.get(4n)?.result, "pass");
});

test("Auditor, θ of the round before that is no longer kept: unable", async (t) => {
  const { run } = await audited(t);
  for (const round of [6, 7, 8]) run.chain.goTo(round, 0);
  const node = await run.node("late", new SleepClock());
  await node.states.at(8, never);
  const found = await run.auditorOf(node).findings(last, never);
  assert.deepEqual(brief(found.get(honest)), ["unable", "unable", null]);
});
