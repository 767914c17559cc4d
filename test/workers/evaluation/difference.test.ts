import assert from "node:assert/strict";
import { test } from "node:test";
import { firstDifference } from "../../../workers/evaluation/difference.ts";

test("firstDifference, equal data: none", () => {
  const value = { a: [1, { b: null }], c: 2n, d: "x" };
  assert.equal(firstDifference(value, structuredClone(value)), undefined);
  assert.equal(firstDifference(Number.NaN, 0)?.path, "$");
});

test("firstDifference, a number that differs in its last bit: its path and both values", () => {
  const next = 1 + 2 ** -52;
  assert.deepEqual(firstDifference({ a: { b: [0, 1] } }, { a: { b: [0, next] } }), {
    path: "$.a.b[1]",
    logged: 1,
    recomputed: next,
  });
});

test("firstDifference, fields and elements that one side lacks: a difference", () => {
  assert.deepEqual(firstDifference({ a: 1 }, {}), { path: "$.a", logged: 1, recomputed: undefined });
  assert.deepEqual(firstDifference([], [1]), { path: "$[0]", logged: undefined, recomputed: 1 });
  assert.equal(firstDifference({ a: [] }, { a: {} })?.path, "$.a");
  assert.equal(firstDifference(null, {})?.path, "$");
  assert.equal(firstDifference(1, 1n)?.path, "$");
});

test("firstDifference, several: the first in the order of what was recomputed", () => {
  assert.equal(firstDifference({ b: 0, a: 0 }, { a: 1, b: 1 })?.path, "$.a");
});
