import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudoGradient, subtractSent, withErrorFeedback } from "../../../workers/training/errorFeedback.ts";
import { applySparse, revert } from "../../../workers/training/trialStep.ts";
import { workerStateRoot, zeroWorkerState } from "../../../workers/training/workerState.ts";

const specs = [
  { name: "a", shape: [4] },
  { name: "b", shape: [2, 1] },
];
const sent = [
  { positions: Uint32Array.of(1, 3), values: Float32Array.of(0.5, -2) },
  { positions: Uint32Array.of(), values: Float32Array.of() },
];

test("pseudoGradient, two states, is the start minus the end", () => {
  assert.deepEqual(pseudoGradient([Float32Array.of(1, 2)], [Float32Array.of(3, 1)]), [
    Float32Array.of(-2, 1),
  ]);
});

test("withErrorFeedback, any values, rounds once after decay and addition", () => {
  const [result] = withErrorFeedback([Float32Array.of(0.1)], [Float32Array.of(0.2)], 0.95);
  const { fround } = Math;
  assert.deepEqual(result, Float32Array.of(fround(0.95 * fround(0.1) + fround(0.2))));
});

test("subtractSent, sparse values, takes away exactly what decoders see", () => {
  const offered = [Float32Array.of(1, 1, 1, 1), Float32Array.of(7, 8)];
  subtractSent(offered, sent);
  assert.deepEqual(offered, [Float32Array.of(1, 0.5, 1, 3), Float32Array.of(7, 8)]);
});

test("applySparse, then revert, restores every bit", () => {
  const start = () => [Float32Array.of(0.1, 0.2, 0.3, 0.4), Float32Array.of(-0, 5)];
  const theta = start();
  const overwritten = applySparse(theta, sent, Float32Array.of(0.5, 1), 0.3);
  const { fround } = Math;
  assert.equal(theta[0][1], fround(fround(0.2) - 0.3 * 0.25));
  assert.equal(theta[0][3], fround(fround(0.4) + 0.3));
  assert.equal(theta[0][0], fround(0.1));
  revert(theta, sent, overwritten);
  assert.deepEqual(theta, start());
});

test("workerStateRoot, any part changed, changes", () => {
  const zero = () => zeroWorkerState(specs);
  const root = workerStateRoot(specs, zero());
  assert.equal(workerStateRoot(specs, zero()), root);
  const changed = [zero(), zero(), zero(), { ...zero(), moments: { ...zero().moments, steps: 1 } }];
  changed[0].errorFeedback[0][2] = 1;
  changed[1].moments.first[1][0] = 1;
  changed[2].moments.second[1][1] = 1;
  const roots = changed.map((state) => workerStateRoot(specs, state));
  assert.equal(new Set([root, ...roots]).size, 5);
});
