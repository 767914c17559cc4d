import assert from "node:assert/strict";
import { test } from "node:test";
import { uniform } from "../../../workers/model/initialState.ts";
import { choose, type Sampling } from "../../../workers/model/sampling.ts";

const logits = Float32Array.of(Math.log(0.7), Math.log(0.2), Math.log(0.1));

function frequencies(sampling: Sampling): number[] {
  const random = uniform(8);
  const counts = [0, 0, 0];
  for (let i = 0; i < 5000; i++) counts[choose(logits, sampling, random)]++;
  return counts.map((count) => count / 5000);
}

function assertShares(actual: readonly number[], expected: readonly number[]): void {
  for (const [index, share] of expected.entries())
    assert.ok(Math.abs(actual[index] - share) < 0.03, `share of ${index}: ${actual[index]}`);
}

test("choose, temperature 0, takes the largest logit, the first of equals", () => {
  assert.equal(
    choose(Float32Array.of(1, 3, 2, 3), { temperature: 0 }, () => 0.99),
    1,
  );
});

test("choose, temperature 1, draws as often as softmax says; at 0.5 the squares count", () => {
  assertShares(frequencies({ temperature: 1 }), [0.7, 0.2, 0.1]);
  assertShares(frequencies({ temperature: 0.5 }), [0.49 / 0.54, 0.04 / 0.54, 0.01 / 0.54]);
});

test("choose, topP, leaves out what is beyond it, the least likely", () => {
  assertShares(frequencies({ temperature: 1, topP: 0.9 }), [7 / 9, 2 / 9, 0]);
  assertShares(frequencies({ temperature: 1, topP: 0.89 }), [7 / 9, 2 / 9, 0]);
  assertShares(frequencies({ temperature: 1, topP: 0.7 - 1e-6 }), [1, 0, 0]);
  assertShares(frequencies({ temperature: 1, topP: 0.95 }), [0.7, 0.2, 0.1]);
});
