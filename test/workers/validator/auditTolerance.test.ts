import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak256, toHex } from "viem";
import { trainRound } from "../../../workers/node/trainRound.ts";
import type { InnerPhase } from "../../../workers/training/engine.ts";
import { type EvaluatedRun, evaluatedRun, type Tampering } from "../../support/evaluatedRun.ts";
import { never, SleepClock } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

const miner = 4n;
const foreign = keccak256(toHex("another machine"));

/** A miner of another machine: its parameters are off by up to `share`, relative, and it makes `steps` of the H steps. */
function foreignMiner({ run, host, dataset, engine }: EvaluatedRun, share: number, steps: number): Tampering {
  const { innerSteps } = run.manifest.training;
  const manifest = { ...run.manifest, training: { ...run.manifest.training, innerSteps: steps } };
  return {
    machine: foreign,
    async offer({ state, workerState }) {
      const noise = uniform(7);
      const theta = state.theta.map((tensor) => tensor.map((value) => value * (1 + share * noise())));
      const trainInner = (phase: InnerPhase) =>
        engine.trainInner({ ...phase, firstStep: state.round * innerSteps });
      const sources = { run: { ...run, manifest }, beacons: host.beacons, dataset, engine: { trainInner } };
      const offer = await trainRound(sources, miner, { round: state.round, theta }, workerState, never);
      // It does not say that it made fewer.
      const claimed = workerState.moments.steps + innerSteps;
      return { ...offer, moments: { ...offer.moments, steps: claimed } };
    },
  };
}

/** In ±1. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

for (const [name, share, missing, result] of [
  ["off by 1e-6, as GPUs are", 1e-6, 0, "pass"],
  ["off by 1e-3, as TF32 products are", 1e-3, 0, "pass"],
  ["one step fewer", 0, 1, "fail"],
  ["a quarter of the steps fewer", 0, 6, "fail"],
] as const) {
  test(`audit within the tolerance, a miner ${name}: ${result} in every round`, async (t) => {
    const run = await evaluatedRun(t, undefined, auditAll);
    const { innerSteps } = run.run.manifest.training;
    for (const round of [0, 1, 2])
      await run.play(round, new Map([[miner, foreignMiner(run, share, innerSteps - missing)]]));
    const auditor = run.auditorOf(await run.node("auditor", new SleepClock()));
    for (const round of [0, 1, 2]) {
      const found = (await auditor.findings(round, never)).get(miner);
      assert.equal(found?.mode, "tolerance");
      assert.equal(found?.result, result, `round ${round}: ${found?.overlap}, ${found?.cosine}`);
    }
  });
}
