import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { product } from "../../../workers/codec/product.ts";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";

const sparse = (entries: readonly (readonly [number, number])[]): SparseTensor => ({
  positions: Uint32Array.from(entries, ([position]) => position),
  values: Float32Array.from(entries, ([, value]) => value),
});

test("product, common positions of each tensor alone; with itself the squared length; nothing, 0", () => {
  const a = [
    sparse([
      [0, 2],
      [3, -1],
    ]),
    sparse([[1, 5]]),
  ];
  const b = [
    sparse([
      [1, 7],
      [3, 4],
    ]),
    sparse([[1, 2]]),
  ];
  assert.equal(product(a, b), -4 + 10);
  assert.equal(product(a, a), 4 + 1 + 25);
  assert.equal(product([sparse([])], [sparse([[0, 1]])]), 0);
});

test("product, any two updates: that of the dense tensors, and the same either way round", () => {
  const update = fc
    .uniqueArray(fc.tuple(fc.nat(20), fc.integer({ min: -9, max: 9 })), {
      selector: ([position]) => position,
    })
    .map((entries) => [sparse([...entries].sort(([a], [b]) => a - b))]);
  const dense = ([{ positions, values }]: readonly SparseTensor[]) => {
    const all = new Float32Array(21);
    for (const [index, position] of positions.entries()) all[position] = values[index];
    return all;
  };
  fc.assert(
    fc.property(update, update, (a, b) => {
      const other = dense(b);
      assert.equal(
        product(a, b),
        dense(a).reduce((sum, value, position) => sum + value * other[position], 0),
      );
      assert.equal(product(a, b), product(b, a));
    }),
  );
});
