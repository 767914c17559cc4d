import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { initialState } from "../../../workers/model/initialState.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { readSafetensors, SafetensorsError, writeSafetensors } from "../../../workers/model/safetensors.ts";
import { tinyModel } from "../../support/tinyModel.ts";

const specs = parameterLayout(tinyModel);
const theta = initialState(tinyModel, 3);
const file = writeSafetensors(specs.map((spec, index) => ({ ...spec, values: theta[index] })));

/** Compares hashes: a failing comparison of long arrays would print them all. */
function assertSameTensors(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  const hashes = (tensors: readonly Float32Array[]) =>
    tensors.map((values) => createHash("sha256").update(values).digest("hex"));
  assert.deepEqual(hashes(actual), hashes(expected));
}

test("readSafetensors, a written file, gives the same bits", () => {
  assertSameTensors(readSafetensors(file, specs), theta);
});

test("writeSafetensors, any names, pads the header to eight bytes and states offsets in order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), (names) => {
      const tensors = names
        .filter((name) => name !== "__metadata__" && name !== "__proto__")
        .map((name, index) => ({
          name,
          shape: [index + 1],
          values: new Float32Array(index + 1).fill(index),
        }));
      const bytes = writeSafetensors(tensors);
      assert.equal(Buffer.from(bytes).readBigUInt64LE() % 8n, 0n);
      assert.deepEqual(
        readSafetensors(bytes, tensors),
        tensors.map(({ values }) => values),
      );
    }),
    { seed: 1, numRuns: 50 },
  );
});

test("readSafetensors, another shape or a missing tensor or a cut file, throws", () => {
  const invalid = (error: unknown) =>
    error instanceof SafetensorsError && error.code === "SAFETENSORS_INVALID";
  assert.throws(() => readSafetensors(file, [{ name: specs[0].name, shape: [16, 256] }]), invalid);
  assert.throws(() => readSafetensors(file, [{ name: "lm_head.weight", shape: [256, 16] }]), invalid);
  assert.throws(() => readSafetensors(file.subarray(0, file.length - 4), specs), invalid);
  assert.throws(() => readSafetensors(file.subarray(0, 100), specs), invalid);
  assert.throws(() => readSafetensors(file.subarray(0, 5), specs), invalid);
});

test("readSafetensors, hostile bytes, throws SafetensorsError or gives tensors", () => {
  const header = Buffer.from(file).readUInt32LE();
  fc.assert(
    fc.property(fc.nat(header + 8), fc.nat(255), (position, value) => {
      const mutated = file.slice();
      mutated[position] = value;
      try {
        assert.equal(readSafetensors(mutated, specs).length, specs.length);
      } catch (error) {
        assert.ok(error instanceof SafetensorsError, String(error));
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});
