import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keccak256, toHex } from "viem";
import type { AuditFinding } from "../../../workers/evaluation/audit.ts";
import type { RoundWork } from "../../../workers/miner/updatePolicy.ts";
import { readSequences, shardSequences } from "../../../workers/node/assignedSequences.ts";
import { trainRound } from "../../../workers/node/trainRound.ts";
import type { AuditSettings } from "../../../workers/protocol/manifest.ts";
import type { NeuronId } from "../../../workers/protocol/quantities.ts";
import { type Clock, systemClock } from "../../../workers/runtime/clock.ts";
import type { ContentRef, GetOptions } from "../../../workers/storage/contentStore.ts";
import { pseudoGradient, withErrorFeedback } from "../../../workers/training/errorFeedback.ts";
import { indexSize } from "../../../workers/training/workerState.ts";
import { Auditor } from "../../../workers/validator/auditor.ts";
import { type EvaluatedRun, evaluatedRun, machine, type Tampering } from "../../support/evaluatedRun.ts";
import { never, SleepClock, valuesOf } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

const honest = 2n;
const cheat = 4n;
const foreign = keccak256(toHex("another machine"));

type Make = (run: EvaluatedRun) => Tampering;

/** Two rounds are played honestly but for what the cheat does in the second; everything is audited afterwards. */
async function audited(t: TestContext, make: Make, settings: AuditSettings = auditAll) {
  const run = await evaluatedRun(t, undefined, settings);
  await run.play(0);
  await run.play(1, new Map([[cheat, make(run)]]));
  const node = await run.node("auditor", new SleepClock());
  const auditor = run.auditorOf(node);
  const first = await auditor.findings(0, never);
  return { run, first, second: await auditor.findings(1, never), auditor };
}

const brief = (found: AuditFinding | undefined) =>
  found === undefined ? undefined : [found.result, found.reason, found.mode];

/** Trains otherwise than the protocol says: `steps` of the H, on sequences of the cheat's choice where `chosen`. */
function trains({ host, run, dataset, engine }: EvaluatedRun, steps: number, chosen: boolean): Tampering {
  return {
    async offer({ state, workerState }) {
      const { training, model, compression } = run.manifest;
      const sources = { run, beacons: host.beacons, dataset };
      const [count] = shardSequences(sources);
      const rows = Array.from({ length: steps * training.batchSequences }, (_, row) => ({
        shard: 0,
        sequence: (row * 7) % Math.min(count, chosen ? 40 : count),
      }));
      const sequences = await readSequences(sources, rows, never);
      const width = model.sequenceLength + 1;
      const batches = Array.from({ length: steps }, (_, step) => {
        const batch = new Int32Array(training.batchSequences * width);
        for (let row = 0; row < training.batchSequences; row++)
          batch.set(sequences[step * training.batchSequences + row], row * width);
        return batch;
      });
      const firstStep = state.round * training.innerSteps;
      const { theta } = state;
      const { moments } = workerState;
      const result = await engine.trainInner({ theta, moments, firstStep, batches, signal: never });
      const delta = pseudoGradient(theta, result.theta);
      const values = withErrorFeedback(workerState.errorFeedback, delta, compression.errorFeedback);
      return { values, moments: result.moments };
    },
  };
}

test("I50 Auditor, honest rounds from zero and from a worker state, on this machine: bit-identical, nobody fails", async (t) => {
  const { first, second } = await audited(t, () => ({}));
  for (const neuronId of [2n, 4n, 6n]) {
    assert.deepEqual(brief(first.get(neuronId)), ["pass", "reproduced", "exact"], `neuron ${neuronId}`);
    assert.deepEqual(brief(second.get(neuronId)), ["pass", "reproduced", "exact"], `neuron ${neuronId}`);
  }
  // Who does not train is found whatever the losses say.
  assert.deepEqual(brief(first.get(5n)), ["fail", "updateDiffers", "exact"]);
  assert.deepEqual(brief(second.get(3n)), ["fail", "updateDiffers", "exact"]);
});

test("Auditor, an honest miner that says it has another machine: passes within the tolerance", async (t) => {
  const { second } = await audited(t, () => ({ machine: foreign }));
  assert.deepEqual(brief(second.get(cheat)), ["pass", "reproduced", "tolerance"]);
  assert.equal(second.get(cheat)?.overlap, 1);
});

const cheats: readonly (readonly [string, Make, string])[] = [
  [
    "a quarter of the steps",
    (run) => trains(run, run.run.manifest.training.innerSteps / 4, false),
    "updateDiffers",
  ],
  ["other data", (run) => trains(run, run.run.manifest.training.innerSteps, true), "updateDiffers"],
  [
    "random values",
    ({ run }) => ({
      offer: async ({ workerState }) => ({ values: valuesOf(run, 5), moments: workerState.moments }),
    }),
    "updateDiffers",
  ],
  [
    "a made-up state before, another one published",
    ({ run }) => ({
      before: (state) => ({ ...state, errorFeedback: valuesOf(run, 9) }),
    }),
    "withheld",
  ],
  ["nothing published", () => ({ withhold: true }), "withheld"],
];

for (const [name, make, reason] of cheats) {
  test(`Auditor, ${name}, on this machine and as if on another: ${reason}`, async (t) => {
    for (const machine of [undefined, foreign]) {
      const { second } = await audited(t, (run) => ({ ...make(run), ...(machine && { machine }) }));
      const found = second.get(cheat);
      assert.equal(found?.reason, reason, String(machine));
      assert.equal(found?.result, reason === "withheld" ? "withheld" : "fail");
      assert.equal(second.get(honest)?.result, "pass", "others are as good as before");
    }
  });
}

test("Auditor, an honest update with a made-up state after it: found on this machine and as if on another", async (t) => {
  for (const machine of [undefined, foreign]) {
    const { second } = await audited(t, (run) => ({
      ...(machine && { machine }),
      async offer(work) {
        const offer = await honestly(run, work);
        return { ...offer, moments: { ...offer.moments, first: valuesOf(run.run, 3) } };
      },
    }));
    assert.equal(second.get(cheat)?.reason, "stateDiffers", String(machine));
  }
});

/** What the cheat would offer if it were honest. */
function honestly({ host, run, dataset, engine }: EvaluatedRun, { state, workerState }: RoundWork) {
  const sources = { run, beacons: host.beacons, dataset, engine };
  return trainRound(sources, cheat, state, workerState, never);
}

test("Auditor, a state that does not train: diverged, and the next audit still works", async (t) => {
  const run = await evaluatedRun(t, undefined, auditAll);
  const poisoned: Tampering = {
    async offer(work) {
      const offer = await honestly(run, work);
      const first = offer.moments.first.map((tensor) => tensor.slice().fill(Number.NaN));
      return { ...offer, moments: { ...offer.moments, first } };
    },
  };
  const random: Tampering = {
    offer: async ({ workerState }) => ({ values: valuesOf(run.run, 5), moments: workerState.moments }),
  };
  await run.play(0, new Map([[cheat, poisoned]]));
  await run.play(1, new Map([[cheat, random]]));
  const auditor = run.auditorOf(await run.node("auditor", new SleepClock()));
  const second = await auditor.findings(1, never);
  assert.deepEqual(brief(second.get(cheat)), ["fail", "diverged", null]);
  assert.equal(second.get(6n)?.result, "pass");
});

test("Auditor, states too large to run again: tensors are compared with what compression keeps", async (t) => {
  const small = { ...auditAll, fullUpTo: 1 };
  const { first, second } = await audited(t, () => ({ withhold: true }), small);
  assert.deepEqual(brief(first.get(honest)), ["pass", "reproduced", "compression"]);
  assert.deepEqual(brief(second.get(cheat)), ["withheld", "withheld", null]);
});

test("Auditor, a block of the state lost: withheld, by this validator", async (t) => {
  const { run, auditor } = await audited(t, () => ({}));
  const { follower, updates } = run.host;
  await follower.sync(never);
  const reveal = follower.history.rounds.reveal(1, honest);
  assert.ok(reveal !== undefined);
  const { header } = await updates.read(reveal, never);
  const digest = header.stateAfter.slice(2);
  await rm(join(run.dir, "content", digest.slice(0, 2), `${digest}.raw`));
  const again = await auditor.findings(1, never);
  assert.equal(again.get(honest)?.reason, "withheld");
});

test("Auditor, findings of a log: taken as they are but for the neurons that are computed again, withheld ones always", async (t) => {
  const { auditor, second } = await audited(t, () => ({ withhold: true }));
  const invented: AuditFinding = {
    ...(second.get(honest) as AuditFinding),
    result: "fail",
    reason: "updateDiffers",
  };
  const withheld: AuditFinding = { ...invented, result: "withheld", reason: "withheld", mode: null };
  const found = new Map<NeuronId, AuditFinding>([
    [2n, invented],
    [6n, invented],
    [4n, withheld],
  ]);
  const again = await auditor.findings(1, never, { found, computed: new Set([2n, 4n]) });
  assert.equal(again.get(2n)?.result, "pass");
  assert.deepEqual(again.get(6n), invented);
  assert.deepEqual(again.get(4n), withheld);
});

test("Auditor, a state served drop by drop: withheld once a quarter of the period is over", async (t) => {
  const { run } = await audited(t, () => ({}));
  const node = await run.node("slow", new SleepClock());
  const { dataset, engine } = run;
  // Waits for whoever reads worker states; all else is served.
  const store = Object.assign(Object.create(run.store), {
    get: (ref: ContentRef, options: GetOptions) =>
      ref.size === indexSize(run.run.specs)
        ? systemClock.sleep(60_000, options.signal)
        : run.store.get(ref, options),
  });
  const rung: number[] = [];
  const clock: Clock = { ...systemClock, sleep: async (ms) => void rung.push(ms) };
  const options = { ...node, run: { ...node.run, store }, dataset, engine, machine, clock };
  const found = await new Auditor(options).findings(1, never);
  assert.equal(found.get(honest)?.reason, "withheld");
  assert.equal(rung[0], 250 * run.run.contracts.clock.period);
});
