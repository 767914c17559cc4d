import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  improvement,
  largestLoss,
  meanLoss,
  negativeUpTo,
  nextComputation,
} from "../../../workers/evaluation/lossScore.ts";

test("improvement, losses before and after: relative, positive is better, 0 with nothing to improve", () => {
  assert.equal(improvement({ before: 4, after: 3 }), 0.25);
  assert.equal(improvement({ before: 4, after: 5 }), -0.25);
  assert.equal(improvement({ before: 0, after: 1 }), 0);
});

test("meanLoss, a loss that is not finite: the largest one", () => {
  assert.equal(meanLoss(Float64Array.of(1, 3)), 2);
  assert.equal(meanLoss(Float64Array.of(1, Number.NaN)), largestLoss);
  assert.equal(meanLoss(Float64Array.of(Number.POSITIVE_INFINITY)), largestLoss);
  assert.equal(meanLoss(Float64Array.of(1e300)), largestLoss);
});

test("nextComputation, own sequences gained more, less, or the same: up, down, down", () => {
  const random = { before: 2, after: 1.9 };
  assert.ok(nextComputation(0, { before: 2, after: 1.8 }, random, 0.95) > 0);
  assert.ok(nextComputation(0, { before: 2, after: 1.95 }, random, 0.95) < 0);
  assert.ok(nextComputation(0, random, random, 0.95) < 0);
});

test("nextComputation, any evidence: stays within [−1, 1]", () => {
  const loss = fc.double({ min: 0, max: 10, noNaN: true });
  const pair = fc.record({ before: loss, after: loss });
  fc.assert(
    fc.property(fc.double({ min: -1, max: 1, noNaN: true }), pair, pair, (computation, own, random) => {
      const next = nextComputation(computation, own, random, 0.95);
      assert.ok(Math.abs(next) <= 1);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("negativeUpTo, work beside noise: between them; noise alone: 0", () => {
  assert.equal(negativeUpTo([]), 0);
  assert.equal(negativeUpTo([-0.1, -0.2]), 0);
  assert.equal(negativeUpTo([0.5, 0.001]), 0.125);
  assert.equal(negativeUpTo([0.75, 0.5, 0.001, -0.001, 1]), 0.125);
});
