import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  packRow,
  packU16,
  packU64,
  unpackRow,
  unpackU16,
  unpackU64,
} from "../../../workers/protocol/weights.ts";

const u16 = fc.integer({ min: 0, max: 65_535 });

test("packRow, zeros at the end, left out", () => {
  assert.equal(packRow([1, 0, 65_535, 0, 0]), "0x00010000ffff");
  assert.equal(packRow([0, 0]), "0x");
  assert.equal(packRow([]), "0x");
});

test("unpackRow, any row, gives back the weights", () => {
  fc.assert(
    fc.property(fc.array(u16, { maxLength: 256 }), (weights) => {
      assert.deepEqual(unpackRow(packRow(weights), weights.length), weights);
    }),
    { seed: 31, numRuns: 100 },
  );
});

test("unpackRow, more or fewer columns than weights, padded or cut", () => {
  assert.deepEqual(unpackRow("0x00010002", 3), [1, 2, 0]);
  assert.deepEqual(unpackRow("0x00010002", 1), [1]);
});

test("packRow, weight out of range or too many uids, WEIGHT_ROW_INVALID with the uid", () => {
  for (const bad of [-1, 65_536, 0.5, Number.NaN]) {
    assert.throws(
      () => packRow([0, bad]),
      (error: { code: string; data: { uid: number } }) => {
        assert.equal(error.code, "WEIGHT_ROW_INVALID");
        return error.data.uid === 1;
      },
    );
  }
  assert.doesNotThrow(() => packRow(new Array(256).fill(1)));
  assert.throws(() => packRow(new Array(257).fill(1)), { code: "WEIGHT_ROW_INVALID" });
});

test("unpackU16 and unpackU64, whole words, give back the numbers", () => {
  fc.assert(
    fc.property(fc.array(u16), fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (small, large) => {
      assert.deepEqual(unpackU16(packU16(small)), small);
      assert.deepEqual(unpackU64(packU64(large)), large);
    }),
    { seed: 37, numRuns: 100 },
  );
});

test("unpackU16 and unpackU64, broken words, PACKED_LENGTH", () => {
  assert.throws(() => unpackU16("0x001122"), { code: "PACKED_LENGTH" });
  assert.throws(() => unpackU64("0x00112233"), { code: "PACKED_LENGTH" });
});
