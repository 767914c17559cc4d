import assert from "node:assert/strict";
import { test } from "node:test";
import { overlap } from "../../../workers/codec/overlap.ts";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";

const sparse = (entries: [number, number][]): SparseTensor => ({
  positions: Uint32Array.from(entries, ([position]) => position),
  values: Float32Array.from(entries, ([, value]) => value),
});

test("overlap, an update and itself, 1", () => {
  const update = [sparse([[1, 2], [5, -2]]), sparse([[0, 1]])]; // biome-ignore format: pairs
  assert.equal(overlap(update, update), 1);
});

test("overlap, equal positions with another sign, do not count", () => {
  const a = [sparse([[1, 2], [5, -2], [9, 1]])]; // biome-ignore format: pairs
  const b = [sparse([[1, 3], [5, 2], [8, 1]])]; // biome-ignore format: pairs
  assert.equal(overlap(a, b), 1 / 3);
  assert.equal(overlap(b, a), 1 / 3);
});

test("overlap, tensors of different sizes, counts values and divides by the smaller update", () => {
  const a = [sparse([[1, 1], [2, 1], [3, 1], [4, 1]]), sparse([[7, -1]])]; // biome-ignore format: pairs
  const b = [sparse([[2, 5], [4, 5]]), sparse([])]; // biome-ignore format: pairs
  assert.equal(overlap(a, b), 1);
  assert.equal(overlap(b, a), 1);
});

test("overlap, an empty update, 0", () => {
  assert.equal(overlap([sparse([])], [sparse([[1, 1]])]), 0);
  assert.equal(overlap([sparse([])], [sparse([])]), 0);
});
