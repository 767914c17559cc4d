import assert from "node:assert/strict";
import { test } from "node:test";
import { initialState } from "../../../workers/model/initialState.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { profileOf } from "../../../workers/onnx/profiles.ts";
import type { TrainingSettings } from "../../../workers/protocol/manifest.ts";
import type { Tensors } from "../../../workers/protocol/tensors.ts";
import type { TrainResult, TrainTask } from "../../../workers/training/engineMessages.ts";
import { HostTrainer } from "../../../workers/training/hostTrainer.ts";
import { LoopTrainer } from "../../../workers/training/loopTrainer.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { hashTensors } from "../../support/hashTensors.ts";
import { countingSequences, tinyModel, tinyTraining } from "../../support/tinyModel.ts";

const specs = parameterLayout(tinyModel);
const settingsOf = (training: TrainingSettings) => ({
  model: tinyModel,
  training,
  threads: 1,
  profile: profileOf("cpu"),
});
const never = () => false;

/** A task of its own arrays, since a trainer uses them up. */
function taskOf(steps: number, ignoring = false): TrainTask {
  const batches = Array.from({ length: steps }, (_, step) => {
    const tokens = countingSequences(tinyTraining.batchSequences, tinyModel.sequenceLength, step);
    return ignoring ? tokens.map((token, index) => (index % 5 === 2 ? -1 - token : token)) : tokens;
  });
  const { moments } = zeroWorkerState(specs);
  return { kind: "train", theta: initialState(tinyModel, 3), moments, firstStep: 4, batches };
}

function resultOf(result: TrainResult | undefined): TrainResult {
  assert.ok(result !== undefined);
  return result;
}

/** ‖a − b‖ / ‖a‖ over all tensors. */
function distance(a: Tensors, b: Tensors): number {
  let [difference, size] = [0, 0];
  for (const [index, tensor] of a.entries()) {
    for (const [at, value] of tensor.entries()) {
      difference += (value - b[index][at]) ** 2;
      size += value ** 2;
    }
  }
  return Math.sqrt(difference / size);
}

test("LoopTrainer.train, more steps than one run holds, gives the bits of step by step", async () => {
  const training = { ...tinyTraining };
  const seen: number[] = [];
  const loop = new LoopTrainer(settingsOf(training));
  const looped = resultOf(await loop.train(taskOf(17), never, (step) => seen.push(step)));
  const host = await HostTrainer.open(settingsOf(training));
  const stepped = resultOf(await host.train(taskOf(17), never, () => {}));
  assert.deepEqual(hashTensors(looped.theta), hashTensors(stepped.theta));
  assert.deepEqual(hashTensors(looped.moments.second), hashTensors(stepped.moments.second));
  assert.deepEqual(looped.losses, stepped.losses);
  assert.equal(looped.moments.steps, 17);
  assert.deepEqual(
    seen,
    Array.from({ length: 17 }, (_, index) => index + 4),
  );
});

test("LoopTrainer.train, aborted after the first run, stops there", async () => {
  const loop = new LoopTrainer(settingsOf(tinyTraining));
  let steps = 0;
  const result = await loop.train(
    taskOf(40),
    () => steps > 0,
    () => {
      steps += 1;
    },
  );
  assert.equal(result, undefined);
  assert.ok(steps > 0 && steps < 40, `${steps} steps`);
});

for (const ignoring of [false, true])
  test(`HostTrainer.train, micro-batches${ignoring ? " with ignored positions" : ""}, trains as whole batches do`, async () => {
    const whole = await HostTrainer.open(settingsOf(tinyTraining));
    const expected = resultOf(await whole.train(taskOf(6, ignoring), never, () => {}));
    for (const microBatchSequences of [1, 2]) {
      const parts = await HostTrainer.open(settingsOf({ ...tinyTraining, microBatchSequences }));
      const result = resultOf(await parts.train(taskOf(6, ignoring), never, () => {}));
      assert.ok(distance(expected.theta, result.theta) < 1e-4, `θ by ${microBatchSequences}`);
      for (const [step, loss] of result.losses.entries())
        assert.ok(Math.abs(loss - expected.losses[step]) < 1e-4, `loss of step ${step}: ${loss}`);
    }
  });
