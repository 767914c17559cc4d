import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { weightsFor } from "../../../workers/evaluation/weightsFor.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const scoreList = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })), { maxLength: 64 });
const gatherSizes = fc.integer({ min: 1, max: 20 });

test("weightsFor, any scores: u16 that sum to 65,535, nothing for a zero score", () => {
  fc.assert(
    fc.property(scoreList, gatherSizes, (scores, gatherSize) => {
      const weights = weightsFor(scores, { gatherSize, gatherShare: 0.75 });
      assert.equal(sum(weights), scores.some((score) => score > 0) ? 65_535 : 0);
      for (const [uid, weight] of weights.entries()) {
        assert.ok(Number.isInteger(weight) && weight >= 0 && weight <= 65_535);
        if (scores[uid] === 0) assert.equal(weight, 0);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("weightsFor, no more scored than gather seats: never more than twice as much", () => {
  for (let gatherSize = 1; gatherSize <= 64; gatherSize++) {
    for (let scored = 1; scored <= gatherSize; scored++) {
      const scores = Array.from({ length: scored }, (_, uid) => uid + 1);
      const weights = weightsFor(scores, { gatherSize, gatherShare: 0.75 });
      assert.ok(Math.max(...weights) <= 2 * Math.min(...weights), `${scored} of ${gatherSize}: ${weights}`);
    }
  }
});

test("weightsFor, a higher score: at most one unit less, by rounding", () => {
  fc.assert(
    fc.property(scoreList, gatherSizes, (scores, gatherSize) => {
      const weights = weightsFor(scores, { gatherSize, gatherShare: 0.75 });
      const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
      for (let place = 1; place < order.length; place++) {
        assert.ok(weights[order[place]] <= weights[order[place - 1]] + 1, `place ${place}`);
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("weightsFor, uids in another order: the same weight but for one unit", () => {
  fc.assert(
    fc.property(scoreList, gatherSizes, (scores, gatherSize) => {
      const forward = weightsFor(scores, { gatherSize, gatherShare: 0.75 });
      const backward = weightsFor(scores.toReversed(), { gatherSize, gatherShare: 0.75 }).toReversed();
      for (const [uid, weight] of forward.entries())
        assert.ok(Math.abs(weight - backward[uid]) <= 1, `uid ${uid}`);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("weightsFor, gather and next seats: 2 to 1 on three quarters, halving on the rest", () => {
  const weights = weightsFor([9, 8, 7, 6, 5, 4, 3], { gatherSize: 4, gatherShare: 0.75 });
  const shares = weights.map((weight) => weight / 65_535);
  const gather = [2, 5 / 3, 4 / 3, 1].map((seat) => seat / 6);
  // 4/7 of a quarter is above the last gather seat's eighth: the first next seat is held down to it.
  const scale = 1 / (1 + (0.125 * 1.75) / 0.75);
  const expected = [
    ...gather.map((seat) => seat * scale),
    ...[1, 0.5, 0.25].map((seat) => (seat / 6) * scale),
  ];
  for (const [uid, share] of shares.entries())
    assert.ok(Math.abs(share - expected[uid]) < 2e-5, `uid ${uid}`);
});

test("weightsFor, many next seats: the gather seats share three quarters", () => {
  const scores = Array.from({ length: 12 }, (_, uid) => 12 - uid);
  const weights = weightsFor(scores, { gatherSize: 2, gatherShare: 0.75 });
  assert.ok(Math.abs(sum(weights.slice(0, 2)) / 65_535 - 0.75) < 1e-4);
});
