import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError } from "../../../workers/codec/errors.ts";
import { Selector } from "../../../workers/codec/selection.ts";
import { heavyTailed } from "../../support/pseudoGradients.ts";

const SMALLEST_NORMAL = 2 ** -126;

/** By definition: sort by magnitude, ties to the lower position. */
function bySorting(values: Float32Array, start: number, end: number, quota: number): number[] {
  const order = Array.from({ length: end - start }, (_, i) => start + i);
  return order
    .filter((i) => Math.abs(values[i]) >= SMALLEST_NORMAL)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]) || a - b)
    .slice(0, quota)
    .sort((a, b) => a - b);
}

function selectAll(values: Float32Array, chunk: number, quota: number): number[][] {
  const selector = new Selector(chunk);
  selector.begin("tensor");
  const positions = new Uint32Array(quota);
  const found: number[][] = [];
  for (let start = 0; start < values.length; start += chunk) {
    const end = Math.min(start + chunk, values.length);
    const count = selector.select(
      new Uint32Array(values.buffer),
      start,
      end,
      Math.min(quota, end - start),
      positions,
      0,
    );
    found.push([...positions.subarray(0, count)]);
  }
  return found;
}

function assertLikeSorting(values: Float32Array, chunk: number, quota: number): void {
  selectAll(values, chunk, quota).forEach((positions, index) => {
    const start = index * chunk;
    const end = Math.min(start + chunk, values.length);
    assert.deepEqual(
      positions,
      bySorting(values, start, end, Math.min(quota, end - start)),
      `chunk ${index}`,
    );
  });
}

test("select, heavy-tailed chunks whose widths differ by octaves, equals sorting", () => {
  const values = heavyTailed(40 * 1024, 5, 0.6);
  values.forEach((value, i) => {
    values[i] = value * 2 ** (((i >> 10) % 7) * 9 - 30);
  });
  assertLikeSorting(values, 1024, 16);
});

test("select, any small numbers with many ties and zeros, equals sorting", () => {
  const value = fc.oneof(
    fc.constantFrom(0, -0, 1, -1, 2, -2, 1e-40, SMALLEST_NORMAL, -SMALLEST_NORMAL, 3e38),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 120 }), fc.integer({ min: 1, max: 40 }), (numbers, quota) => {
      assertLikeSorting(Float32Array.from(numbers), 40, quota);
    }),
    { seed: 11, numRuns: 600 },
  );
});

test("select, NaN or infinity anywhere in a chunk, CODEC_NOT_FINITE", () => {
  for (const bad of [Number.NaN, -Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const at of [0, 1500, 4095]) {
      const values = heavyTailed(4096, 3);
      values[at] = bad;
      assert.throws(
        () => selectAll(values, 1024, 16),
        (error) =>
          error instanceof CodecError && error.code === "CODEC_NOT_FINITE" && error.data.tensor === "tensor",
        `${bad} at ${at}`,
      );
    }
  }
});
