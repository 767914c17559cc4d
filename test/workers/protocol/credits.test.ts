import assert from "node:assert/strict";
import { test } from "node:test";
import { encodePacked } from "viem";
import { unpackMinerCredits, unpackValidatorCredits } from "../../../workers/protocol/credits.ts";

const most = 2n ** 128n - 1n;

test("unpackMinerCredits, entries back to back, each neuron's incentive", () => {
  const packed = encodePacked(["uint64", "uint128", "uint64", "uint128"], [3n, 5n, 2n ** 64n - 1n, most]);
  assert.deepEqual(unpackMinerCredits(packed), [
    { neuronId: 3n, incentive: 5n },
    { neuronId: 2n ** 64n - 1n, incentive: most },
  ]);
  assert.deepEqual(unpackMinerCredits("0x"), []);
});

test("unpackValidatorCredits, dividend and take of each", () => {
  const packed = encodePacked(["uint64", "uint128", "uint128"], [7n, most, 1n]);
  assert.deepEqual(unpackValidatorCredits(packed), [{ neuronId: 7n, dividend: most, take: 1n }]);
});

test("unpack, a list cut short, RangeError", () => {
  assert.throws(() => unpackMinerCredits(`0x${"00".repeat(23)}`), RangeError);
  assert.throws(() => unpackValidatorCredits(`0x${"00".repeat(24)}`), RangeError);
});
