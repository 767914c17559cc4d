import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import { aligned } from "../../../workers/training/alignment.ts";
import { outerStep, streamedOuterStep } from "../../../workers/training/outerStep.ts";
import { inMemory } from "../../../workers/training/tensorSource.ts";

type Dense = readonly number[];

/** Two tensors, zeros left out. */
function update(values: Dense): SparseTensor[] {
  const half = values.length / 2;
  return [values.slice(0, half), values.slice(half)].map((part) => {
    const kept = [...part.entries()].filter(([, value]) => value !== 0);
    return {
      positions: Uint32Array.from(kept, ([position]) => position),
      values: Float32Array.from(kept, ([, value]) => value),
    };
  });
}

/** Half of everybody's values is common, the other half each one's own. */
const honest = (own: number): Dense =>
  Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 1 : index % 20 === 2 * own + 1 ? 3 : 0));
const negative = (values: Dense) => values.map((value) => -value);
const stranger = (phase: number): Dense =>
  Array.from({ length: 40 }, (_, index) => ((index + phase) % 4 < 2 ? 1 : -1));
const zero: Dense = Array.from({ length: 40 }, () => 0);

const kept = (updates: readonly Dense[], least = 0.5, heldBytes = 1e6) =>
  aligned(
    updates.map((values) => inMemory(update(values))),
    2,
    least,
    heldBytes,
  );

test("aligned, honest ones alone: all stay", () => {
  assert.deepEqual(kept([0, 1, 2, 3, 4].map(honest)), [0, 1, 2, 3, 4]);
});

test("aligned, two of five that agree with one another alone, turn around, do nothing: left out", () => {
  const three = [0, 1, 2].map(honest);
  const turned = negative(honest(3));
  for (const bad of [stranger(0), turned, zero]) assert.deepEqual(kept([bad, ...three, bad]), [1, 2, 3]);
});

test("aligned, a minority: cannot put an honest update out", () => {
  const four = [0, 1, 2, 3].map(honest);
  for (const bad of [stranger(1), negative(honest(0)), zero, honest(0)]) {
    const places = kept([...four, bad, bad, bad]);
    assert.deepEqual(places.slice(0, 4), [0, 1, 2, 3]);
  }
});

test("aligned, fewer than three, or updates that have nothing in common: nobody is left out", () => {
  assert.deepEqual(kept([honest(0), negative(honest(1))]), [0, 1]);
  assert.deepEqual(kept([]), []);
  const lone = (at: number) => zero.map((_, index) => (index === at ? 1 : 0));
  assert.deepEqual(kept([0, 7, 30].map(lone)), [0, 1, 2]);
  assert.deepEqual(kept([zero, zero, zero]), [0, 1, 2]);
});

test("aligned, values whose squares are not finite: count as no alignment", () => {
  const huge = honest(0).map((value) => value * 3e38);
  assert.deepEqual(kept([honest(0), honest(1), honest(2), huge]).slice(0, 3), [0, 1, 2]);
});

test("aligned, any updates in any order: the same ones, and their size does not matter", () => {
  const dense = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(dense, { minLength: 1, maxLength: 7 }), (updates) => {
      const places = kept(updates);
      const reversed = kept([...updates].reverse()).map((place) => updates.length - 1 - place);
      assert.deepEqual(reversed.reverse(), places);
      assert.deepEqual(kept(updates.map((values) => values.map((value) => 4 * value))), places);
      assert.ok(places.length > 0);
      for (const heldBytes of [0, 30, 80]) assert.deepEqual(kept(updates, 0.5, heldBytes), places);
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("outerStep, an alignment: as if those below it had not been gathered", () => {
  const theta = [new Float32Array(20), new Float32Array(20)];
  const three = [0, 1, 2].map((own) => update(honest(own)));
  const settings = { learningRate: 1, averaging: "gathered", alignment: 0.5 } as const;
  const all = [update(stranger(0)), ...three, update(zero)];
  assert.deepEqual(outerStep(theta, all, settings), outerStep(theta, three, settings));
  assert.deepEqual(streamedOuterStep(theta, all.map(inMemory), settings).added, [1, 2, 3]);
  assert.deepEqual(streamedOuterStep(theta, [], settings).added, []);
  assert.notDeepEqual(
    outerStep(theta, all, { ...settings, alignment: undefined }),
    outerStep(theta, three, settings),
  );
});
