import assert from "node:assert/strict";
import { test } from "node:test";
import { caughtUp, lateSteps, standIn } from "../../../workers/training/lateSteps.ts";

const outer = { learningRate: 0.7, gatherSize: 3, averaging: "gathered" } as const;
const floats = (...values: number[]) => Float32Array.of(...values);

test("lateSteps, without overlap 0; with it a quarter of the inner steps, rounded up, or what the manifest says; none in the first rounds", () => {
  const of = (innerSteps: number, overlap?: 0 | 1, round = 4) =>
    lateSteps({ training: { innerSteps }, ...(overlap === undefined ? {} : { overlap }) }, round);
  assert.deepEqual([of(30), of(30, 0)], [0, 0]);
  assert.deepEqual(
    [0, 3, 4, 1000].map((round) => of(30, 1, round)),
    [0, 0, 8, 8],
  );
  const training = { innerSteps: 30, lateSteps: 13 };
  assert.deepEqual([lateSteps({ overlap: 1, training }, 4), lateSteps({ overlap: 1, training }, 3)], [13, 0]);
  assert.deepEqual(
    [1, 4, 5, 24, 30].map((innerSteps) => of(innerSteps, 1)),
    [1, 1, 2, 6, 8],
  );
});

test("standIn, an own update: its share in a full gather set is taken off at its positions, rounded step by step", () => {
  const from = [floats(0.1, 0.2, 0.3), floats(-1, 4)];
  const sent = [
    { positions: Uint32Array.of(0, 2), values: floats(0.013, -0.4) },
    { positions: Uint32Array.of(), values: floats() },
  ];
  const share = Math.fround(0.7 / 3);
  const less = (value: number, update: number) =>
    Math.fround(Math.fround(value) - Math.fround(share * Math.fround(update)));
  assert.deepEqual(standIn(from, sent, outer), [
    floats(less(0.1, 0.013), 0.2, less(0.3, -0.4)),
    floats(-1, 4),
  ]);
  assert.deepEqual(from[0], floats(0.1, 0.2, 0.3), "left as it was");
  const alone = standIn(from, sent, { ...outer, averaging: "contributors" });
  const rate = Math.fround(0.7);
  assert.equal(alone[0][0], Math.fround(Math.fround(0.1) - Math.fround(rate * Math.fround(0.013))));
});

test("caughtUp, θ in place of what stood in for it: what the steps did stays", () => {
  const stoodIn = [floats(1, 2)];
  const moved = [floats(1.5, 1.75)];
  assert.deepEqual(caughtUp(moved, [floats(0.5, 3)], stoodIn), [floats(1, 2.75)]);
  const [third, tenth] = [Math.fround(1 / 3), Math.fround(0.1)];
  const expected = Math.fround(tenth + Math.fround(third - tenth));
  assert.deepEqual(caughtUp([floats(0.1)], [floats(1 / 3)], [floats(0.1)]), [floats(expected)]);
});
