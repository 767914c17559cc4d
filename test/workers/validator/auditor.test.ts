import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keccak256, toHex } from "viem";
import type { AuditFinding } from "../../../workers/evaluation/audit.ts";
import type { Offer, RoundWork } from "../../../workers/miner/updatePolicy.ts";
import { trainRound } from "../../../workers/node/trainRound.ts";
import type { AuditSettings } from "../../../workers/protocol/manifest.ts";
import type { NeuronId } from "../../../workers/protocol/quantities.ts";
import { type Clock, systemClock } from "../../../workers/runtime/clock.ts";
import type { ContentRef, GetOptions } from "../../../workers/storage/contentStore.ts";
import type { InnerPhase } from "../../../workers/training/engine.ts";
import { indexSize } from "../../../workers/training/workerState.ts";
import { Auditor } from "../../../workers/validator/auditor.ts";
import { type EvaluatedRun, evaluatedRun, machine, type Tampering } from "../../support/evaluatedRun.ts";
import { never, SleepClock, valuesOf } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

const honest = 2n;
const cheat = 4n;
const foreign = keccak256(toHex("another machine"));

type Make = (run: EvaluatedRun) => ReadonlyMap<NeuronId, Tampering>;
const one =
  (tampering: Tampering): Make =>
  () =>
    new Map([[cheat, tampering]]);

/** Two rounds are played honestly but for what cheats do in the second; everything is audited afterwards. */
async function audited(t: TestContext, make: Make = () => new Map(), settings: AuditSettings = auditAll) {
  const run = await evaluatedRun(t, undefined, settings);
  await run.play(0);
  await run.play(1, make(run));
  const node = await run.node("auditor", new SleepClock());
  const auditor = run.auditorOf(node);
  const first = await auditor.findings(0, never);
  return { run, first, second: await auditor.findings(1, never), auditor };
}

const brief = (found: AuditFinding | undefined) =>
  found === undefined ? undefined : [found.result, found.reason, found.mode];

/** What a miner would offer if it were honest, but for the steps it makes and the beacons that assign its data. */
function trains(
  { host, run, dataset, engine }: EvaluatedRun,
  miner: NeuronId,
  { state, workerState }: RoundWork,
  { steps = run.manifest.training.innerSteps, data = miner } = {},
): Promise<Offer> {
  const { innerSteps } = run.manifest.training;
  const manifest = { ...run.manifest, training: { ...run.manifest.training, innerSteps: steps } };
  const trainInner = (phase: InnerPhase) =>
    engine.trainInner({ ...phase, firstStep: state.round * innerSteps });
  const sources = { run: { ...run, manifest }, beacons: host.beacons, dataset, engine: { trainInner } };
  return trainRound(sources, data, state, workerState, never);
}

test("I50 Auditor, honest rounds from zero and from a worker state, on this machine: bit-identical, nobody fails", async (t) => {
  const { first, second } = await audited(t);
  for (const neuronId of [2n, 4n, 6n]) {
    assert.deepEqual(brief(first.get(neuronId)), ["pass", "reproduced", "exact"], `neuron ${neuronId}`);
    assert.deepEqual(brief(second.get(neuronId)), ["pass", "reproduced", "exact"], `neuron ${neuronId}`);
  }
  // Who does not train is found whatever the losses say.
  assert.deepEqual(brief(first.get(5n)), ["fail", "updateDiffers", "exact"]);
  assert.deepEqual(brief(second.get(3n)), ["fail", "updateDiffers", "exact"]);
});

test("Auditor, an honest miner that says it has another machine: passes within the tolerance", async (t) => {
  const { second } = await audited(t, one({ machine: foreign }));
  assert.deepEqual(brief(second.get(cheat)), ["pass", "reproduced", "tolerance"]);
  assert.equal(second.get(cheat)?.overlap, 1);
});

for (const [where, named] of [
  ["on this machine", undefined],
  ["as if on another", foreign],
] as const) {
  test(`Auditor, a quarter of the steps, other data, a made-up state after an honest update, ${where}: each fails`, async (t) => {
    const { second } = await audited(t, (run) => {
      const said = named === undefined ? {} : { machine: named };
      const steps = run.run.manifest.training.innerSteps / 4;
      return new Map<NeuronId, Tampering>([
        [2n, { ...said, offer: (work) => trains(run, 2n, work, { steps }) }],
        [4n, { ...said, offer: (work) => trains(run, 4n, work, { data: 99n }) }],
        [
          6n,
          {
            ...said,
            async offer(work) {
              const offer = await trains(run, 6n, work);
              return { ...offer, moments: { ...offer.moments, first: valuesOf(run.run, 3) } };
            },
          },
        ],
      ]);
    });
    const mode = named === undefined ? "exact" : "tolerance";
    assert.deepEqual(brief(second.get(2n)), ["fail", "updateDiffers", mode]);
    assert.deepEqual(brief(second.get(4n)), ["fail", "updateDiffers", mode]);
    assert.deepEqual(brief(second.get(6n)), ["fail", "stateDiffers", mode]);
  });
}

test("Auditor, nothing published, or another state than the header's: withheld; others are as good as before", async (t) => {
  const { second } = await audited(
    t,
    ({ run }) =>
      new Map<NeuronId, Tampering>([
        [4n, { withhold: true }],
        [6n, { before: (state) => ({ ...state, errorFeedback: valuesOf(run, 9) }) }],
      ]),
  );
  assert.deepEqual(brief(second.get(4n)), ["withheld", "withheld", null]);
  assert.deepEqual(brief(second.get(6n)), ["withheld", "withheld", null]);
  assert.deepEqual(brief(second.get(honest)), ["pass", "reproduced", "exact"]);
});

test("Auditor, a state that does not train: diverged, and the next audit still works", async (t) => {
  const run = await evaluatedRun(t, undefined, auditAll);
  const poisoned: Tampering = {
    async offer(work) {
      const offer = await trains(run, cheat, work);
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
  const { first, second } = await audited(t, one({ withhold: true }), small);
  assert.deepEqual(brief(first.get(honest)), ["pass", "reproduced", "compression"]);
  assert.deepEqual(brief(second.get(cheat)), ["withheld", "withheld", null]);
});

test("Auditor, a block of the state lost: withheld, by this validator", async (t) => {
  const { run, auditor } = await audited(t);
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
  const { auditor, second } = await audited(t, one({ withhold: true }));
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
  const { run } = await audited(t);
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
