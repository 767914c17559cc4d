import assert from "node:assert/strict";
import { test } from "node:test";
import { adversaryPolicy } from "../../../lab/adversaries/registry.ts";
import { scoreOf } from "../../../workers/evaluation/score.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { evaluatedRun, type Tampering } from "../../support/evaluatedRun.ts";
import { never, SleepClock } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

const forger = 6n;

test("audit-forger, plausible values and moments it made up: every audit fails, and its score is zero afterwards", async (t) => {
  const run = await evaluatedRun(t, undefined, auditAll);
  const { evaluator } = await run.evaluatorOf("validator");
  const { follower, updates } = await run.node("forger", new SleepClock());
  const policy = adversaryPolicy("audit-forger")({ run: run.run, neuronId: forger, follower, updates });
  const forging: Tampering = {
    async offer(work) {
      const offer = await policy.offer(work, never);
      assert.ok(offer !== undefined);
      return offer;
    },
  };
  for (let round = 0; round < 5; round++) {
    // Honest at first: it has seen no way yet, and a good name is what it sells.
    if (round === 0) {
      const state = await run.host.states.at(0, never);
      await policy.offer({ state, workerState: zeroWorkerState(run.run.specs) }, never);
    }
    await run.play(round, round < 2 ? undefined : new Map([[forger, forging]]));
    const entry = await evaluator.evaluate(round, never);
    const found = entry.neurons.find(({ neuronId }) => neuronId === forger);
    const audit = found?.audit;
    if (round === 0) assert.equal(audit, null);
    else assert.equal(audit?.reason, round <= 2 ? "reproduced" : "updateDiffers", `in round ${round}`);
    assert.ok(!found?.penalties.some(({ reason }) => reason === "brokenState"), "its headers chain");
    if (round === 2) assert.ok((found?.score ?? 0) > 0, "not found yet");
    if (round >= 3) assert.equal(found?.score, 0, `in round ${round}`);
  }
  for (const [neuronId, state] of evaluator.neuronStates())
    if (neuronId === 2n || neuronId === 4n)
      assert.ok(
        state.auditStanding === 1 && scoreOf(state, run.run.manifest.scoring) > 0,
        `neuron ${neuronId}`,
      );
});
