import assert from "node:assert/strict";
import { test } from "node:test";
import { learningRateAt } from "../../../workers/training/schedule.ts";

const settings = { peakLearningRate: 0.01, warmupSteps: 4, totalSteps: 24, minLearningRateRatio: 0.1 };

test("learningRateAt, warm-up, rises linearly and reaches the peak in its last step", () => {
  const rates = [0, 1, 2, 3].map((step) => learningRateAt(step, settings));
  assert.deepEqual(rates, [0.0025, 0.005, 0.0075, 0.01]);
});

test("learningRateAt, after the warm-up, follows half a cosine down to the minimum", () => {
  assert.equal(learningRateAt(4, settings), 0.01);
  assert.ok(Math.abs(learningRateAt(14, settings) - 0.0055) < 1e-12);
  for (let step = 5; step <= 24; step++) {
    assert.ok(learningRateAt(step, settings) < learningRateAt(step - 1, settings), `step ${step}`);
  }
});

test("learningRateAt, from the last step on, stays at the minimum", () => {
  assert.equal(learningRateAt(24, settings), 0.001);
  assert.equal(learningRateAt(1_000_000, settings), 0.001);
});

test("learningRateAt, no warm-up or nothing but warm-up, is finite everywhere", () => {
  assert.equal(learningRateAt(0, { ...settings, warmupSteps: 0 }), 0.01);
  assert.equal(learningRateAt(23, { ...settings, warmupSteps: 24 }), 0.01);
  assert.equal(learningRateAt(24, { ...settings, warmupSteps: 24 }), 0.001);
});
