import assert from "node:assert/strict";
import { test } from "node:test";
import { playTraining } from "../../../lab/training/trainingRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = new AbortController().signal;

test("playTraining, 2 honest, garbage, withheld, late and unopened in 6 rounds: the loss falls, the honest alone are paid", async (t) => {
  const miners = ["honest", "honest", "garbage", "withhold", "late", "commit-no-reveal", "near-copy-30"];
  const played = await playTraining({
    dir: temporaryFolder(t),
    seed: 1,
    rounds: 6,
    validators: 1,
    miners,
    loss: 0,
    signal,
    say: () => undefined,
  });
  assert.equal(played.heldOutLoss.length, 7);
  assert.ok((played.heldOutLoss.at(-1) ?? 9) < played.heldOutLoss[0] - 0.2, `${played.heldOutLoss}`);
  assert.deepEqual(played.miners.map(({ behaviour }) => behaviour).sort(), [...miners].sort());
  for (const { behaviour, incentives } of played.miners) {
    assert.equal(incentives.length, 1, behaviour);
    assert.equal(incentives[0] > 0n, behaviour === "honest", behaviour);
  }
  const statuses = (behaviour: string) => {
    const uid = played.miners.find((miner) => miner.behaviour === behaviour)?.uid;
    return played.entries[3].neurons.filter((neuron) => neuron.uid === uid).map(({ status }) => status);
  };
  assert.deepEqual(statuses("garbage"), ["invalid"]);
  assert.deepEqual(statuses("withhold"), ["ineligible"]);
  assert.deepEqual(statuses("commit-no-reveal"), ["unrevealed"]);
  assert.deepEqual(statuses("late"), []);
});
