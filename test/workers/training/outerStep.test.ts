import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import { clipFactors, lowerMedianNorms, tensorNorms } from "../../../workers/training/clipping.ts";
import { outerStep, streamedOuterStep } from "../../../workers/training/outerStep.ts";
import { inMemory } from "../../../workers/training/tensorSource.ts";

const { fround } = Math;
const gathered = { learningRate: 1, averaging: "gathered" } as const;
const contributors = { learningRate: 1, averaging: "contributors" } as const;

const sparse = (entries: Readonly<Record<number, number>>): SparseTensor => ({
  positions: Uint32Array.from(Object.keys(entries), Number),
  values: Float32Array.from(Object.values(entries)),
});

test("tensorNorms, values, is the root of their squares; of none, 0", () => {
  assert.deepEqual(tensorNorms([sparse({ 1: 3, 7: -4 }), sparse({})]), Float32Array.of(5, 0));
});

test("lowerMedianNorms, even and odd counts, takes the lower middle per tensor", () => {
  const norms = [
    [5, 1],
    [1, 2],
    [9, 3],
    [2, 4],
  ].map((row) => Float32Array.from(row));
  assert.deepEqual(lowerMedianNorms(norms, 2), Float32Array.of(2, 2));
  assert.deepEqual(lowerMedianNorms(norms.slice(0, 3), 2), Float32Array.of(5, 2));
  assert.deepEqual(lowerMedianNorms(norms.slice(0, 1), 2), Float32Array.of(5, 1));
  assert.deepEqual(lowerMedianNorms([], 2), Float32Array.of(0, 0));
});

test("lowerMedianNorms, zero norms, do not count; where all are zero, 0", () => {
  const norms = [
    [0, 0],
    [0, 0],
    [0, 0],
    [7, 0],
    [3, 0],
  ].map((row) => Float32Array.from(row));
  assert.deepEqual(lowerMedianNorms(norms, 2), Float32Array.of(3, 0));
});

test("clipFactors, above, at and below the limit and zero, never enlarges", () => {
  const factors = clipFactors(Float32Array.of(3, 2, 1, 0, 0, 4), Float32Array.of(2, 2, 2, 2, 0, 0));
  assert.deepEqual(factors, Float32Array.of(fround(2 / 3), 1, 1, 1, 1, 0));
});

test("outerStep, contributors, equals the shared vector", () => {
  const file = new URL("../../vectors/sparseloco.json", import.meta.url);
  const { agg } = JSON.parse(readFileSync(file, "utf8"));
  const updates = agg.idx.map((positions: number[], which: number) => [
    { positions: Uint32Array.from(positions), values: Float32Array.from(agg.val[which]) },
  ]);
  const [result] = outerStep([new Float32Array(agg.out[0].length)], updates, contributors);
  assert.deepEqual(
    result,
    Float32Array.from(agg.out[0], (value: number) => 0 - value),
  );
});

test("outerStep, gathered, divides a lone coordinate by the number of updates", () => {
  const updates = [
    [sparse({ 0: 3, 1: 4 })],
    [sparse({ 1: 6, 2: 8 })],
    [sparse({ 1: fround(0.3), 3: fround(0.4) })],
  ];
  const [result] = outerStep([new Float32Array(4)], updates, gathered);
  const shared = fround(fround(fround(4 + 3) + fround(0.3)) / 3);
  assert.deepEqual(result, Float32Array.of(-1, -shared, -fround(4 / 3), -fround(fround(0.4) / 3)));
});

test("outerStep, no updates, gives an equal copy", () => {
  const theta = [Float32Array.of(1, 2)];
  const result = outerStep(theta, [], gathered);
  assert.deepEqual(result, theta);
  assert.notEqual(result[0], theta[0]);
});

test("outerStep, most updates empty in a tensor, does not clip the others to nothing", () => {
  const updates = [
    [sparse({}), sparse({ 0: 1 })],
    [sparse({}), sparse({})],
    [sparse({ 1: 5 }), sparse({ 0: 1 })],
  ];
  const result = outerStep([Float32Array.of(1, 2), Float32Array.of(1)], updates, gathered);
  assert.deepEqual(result, [Float32Array.of(1, 2 - fround(5 / 3)), Float32Array.of(1 - fround(2 / 3))]);
});

test("outerStep, a learning rate below 1, rounds the product before it subtracts", () => {
  const value = fround(0.1);
  const [result] = outerStep([Float32Array.of(1)], [[sparse({ 0: value })]], {
    ...gathered,
    learningRate: 0.65,
  });
  assert.deepEqual(result, Float32Array.of(1 - fround(0.65 * value)));
});

test("outerStep, sums in the order given with rounding after every addition", () => {
  const big = 2 ** 24;
  const one = [sparse({ 0: 1, 1: big })];
  const large = [sparse({ 0: big, 1: 1 })];
  const add = (...values: number[]) => values.reduce((sum, value) => fround(sum + value), 0);
  const [result] = outerStep([new Float32Array(2)], [large, one, one], gathered);
  assert.equal(result[0], -fround(add(big, 1, 1) / 3));
  const [other] = outerStep([new Float32Array(2)], [one, one, large], gathered);
  assert.equal(other[0], -fround(add(1, 1, big) / 3));
  assert.notEqual(result[0], other[0]);
});

/** Plain dense reference of the gathered mean. */
function reference(theta: Float32Array, updates: SparseTensor[], learningRate: number): Float32Array {
  const norms = updates.map(({ values }) => fround(Math.sqrt(values.reduce((sum, v) => sum + v * v, 0))));
  const sent = norms.filter((norm) => norm > 0).sort((a, b) => a - b);
  const median = sent[Math.floor((sent.length - 1) / 2)] ?? 0;
  const dense = updates.map(({ positions, values }, which) => {
    const factor = norms[which] > median ? fround(median / norms[which]) : 1;
    const full = new Float32Array(theta.length);
    positions.forEach((position, i) => {
      full[position] = fround(values[i] * factor);
    });
    return full;
  });
  return theta.map((value, i) => {
    const sum = dense.reduce((total, update) => fround(total + update[i]), 0);
    return fround(value - fround(learningRate * fround(sum / updates.length)));
  });
}

test("outerStep, any sparse updates, equals the dense reference to the bit", () => {
  const size = 24;
  const value = fc.float({ min: -8, max: 8, noNaN: true }).filter((v) => v !== 0);
  const update = fc.dictionary(fc.nat(size - 1).map(String), value);
  fc.assert(
    fc.property(
      fc.array(update, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(1, 0.65),
      (dictionaries, rate) => {
        const updates = dictionaries.map((entries) => sparse(entries));
        const theta = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
        const [result] = outerStep(
          [theta],
          updates.map((tensor) => [tensor]),
          { ...gathered, learningRate: rate },
        );
        assert.deepEqual(result, reference(theta, updates, rate));
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

test("streamedOuterStep, any updates and however little is held, equals outerStep to the bit", () => {
  const size = 12;
  const value = fc.float({ min: -8, max: 8, noNaN: true }).filter((v) => v !== 0);
  const tensor = fc.dictionary(fc.nat(size - 1).map(String), value).map((entries) => sparse(entries));
  const updates = fc.array(fc.array(tensor, { minLength: 3, maxLength: 3 }), { maxLength: 8 });
  const theta = [0, 1, 2].map((seed) => Float32Array.from({ length: size }, (_, i) => Math.sin(i + seed)));
  fc.assert(
    fc.property(
      updates,
      fc.constantFrom("gathered", "contributors"),
      fc.constantFrom(undefined, 0.5, 1),
      fc.nat(400),
      (given, averaging, alignment, heldBytes) => {
        const settings = { learningRate: 0.65, averaging, alignment } as const;
        const streamed = streamedOuterStep(theta, given.map(inMemory), settings, heldBytes);
        assert.deepEqual(streamed.theta, outerStep(theta, given, settings));
      },
    ),
    { seed: 4, numRuns: 300 },
  );
});

test("streamedOuterStep, all held: a tensor is decoded once for the alignment and once for the sum; none held: more often", () => {
  const count = 5;
  const theta = [new Float32Array(8), new Float32Array(8)];
  const decodings = (heldBytes: number) => {
    let decoded = 0;
    const update = {
      tensor() {
        decoded += 1;
        return sparse({ 1: 2, 5: -3 });
      },
    };
    const sources = Array.from({ length: count }, () => update);
    streamedOuterStep(theta, sources, { ...gathered, alignment: 0.5 }, heldBytes);
    return decoded;
  };
  assert.equal(decodings(1000), 2 * count * theta.length);
  // One row of products at a time, and each tensor for its norm and for the sum.
  assert.equal(decodings(0), ((count * (count + 1)) / 2 + 2 * count) * theta.length);
});
