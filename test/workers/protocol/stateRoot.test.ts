import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hexToBytes } from "viem";
import { stateRoot } from "../../../workers/protocol/stateRoot.ts";
import { vectors } from "./protocolVectors.ts";

const tensors = vectors.stateTensors.map(({ name, fp32 }) => ({
  name,
  values: new Float32Array(Uint8Array.from(hexToBytes(fp32)).buffer),
}));

test("stateRoot, one to five tensors, golden roots", () => {
  for (const expected of vectors.stateRoots) {
    const root = stateRoot(tensors.slice(0, expected.tensors));
    assert.equal(root, expected.root, `${expected.tensors} tensors`);
  }
});

test("stateRoot, tensor that is a window of a larger buffer, hashes the window alone", () => {
  const buffer = new Float32Array([9, 1, 2, 9]);
  const window = stateRoot([{ name: "w", values: buffer.subarray(1, 3) }]);
  assert.equal(window, stateRoot([{ name: "w", values: Float32Array.of(1, 2) }]));
});

test("stateRoot, bits, name or order changed, another root", () => {
  const values = fc.float32Array({ minLength: 1, maxLength: 9, noNaN: true });
  fc.assert(
    fc.property(values, values, (a, b) => {
      const negated = a.map((value) => -value);
      const base = [
        { name: "a", values: a },
        { name: "b", values: b },
      ];
      const roots = [
        base,
        [base[1], base[0]],
        [{ name: "c", values: a }, base[1]],
        [{ name: "a", values: negated }, base[1]],
        [base[0]],
      ].map(stateRoot);
      assert.equal(new Set(roots).size, roots.length);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test("stateRoot, no tensors, MERKLE_EMPTY", () => {
  assert.throws(() => stateRoot([]), { code: "MERKLE_EMPTY" });
});
