import assert from "node:assert/strict";
import { test } from "node:test";
import { exactExp } from "../../../workers/evaluation/exactExp.ts";

/** Distance in units of the last place of `expected`. */
function ulps(actual: number, expected: number): number {
  const bits = new BigInt64Array(new Float64Array([actual, expected]).buffer);
  return Math.abs(Number(bits[0] - bits[1]));
}

test("exactExp, arguments over the whole range: within one unit in the last place of the engine's", () => {
  for (let x = -745; x < 709.7; x += 0.2371) {
    const distance = ulps(exactExp(x), Math.exp(x));
    // Halving a subnormal rounds once more.
    assert.ok(distance <= (x < -708 ? 3 : 1), `e^${x} is ${distance} units off`);
  }
});

test("exactExp, pinned values: the same bits on every machine", () => {
  const pinned: readonly (readonly [number, string])[] = [
    [0, "3ff0000000000000"],
    [1, "4005bf0a8b14576a"],
    [-1, "3fd78b56362cef38"],
    [0.1, "3ff1aec7b35a00d4"],
    [3.5355339, "4041281b301f8805"],
    [25, "4230c3d3920962c9"],
  ];
  for (const [x, bits] of pinned) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, exactExp(x));
    assert.equal(view.getBigUint64(0).toString(16), bits, `e^${x}`);
  }
});

test("exactExp, at and beyond the ends of the range: 0, 1, infinity, NaN", () => {
  assert.equal(exactExp(-0), 1);
  assert.equal(exactExp(710), Number.POSITIVE_INFINITY);
  assert.equal(exactExp(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.equal(exactExp(Number.NEGATIVE_INFINITY), 0);
  assert.equal(exactExp(-746), 0);
  assert.ok(Number.isNaN(exactExp(Number.NaN)));
});
