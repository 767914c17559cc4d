import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesToHex, hexToBytes } from "viem";
import { decryptUpdate, encryptUpdate, updateKey } from "../../../workers/protocol/cipher.ts";
import { vectors } from "./protocolVectors.ts";

test("updateKey and encryptUpdate, vectors, golden key and ciphertext", () => {
  for (const [index, vector] of vectors.updates.entries()) {
    const { chainId, ledger, round, salt } = vector;
    const identity = { chainId, ledger, neuronId: BigInt(vector.neuronId), round };
    const encrypted = encryptUpdate(hexToBytes(vector.plain), identity, salt);
    assert.equal(bytesToHex(updateKey(identity, salt)), vector.key, `vector ${index}`);
    assert.equal(bytesToHex(encrypted), vector.encrypted, `vector ${index}`);
  }
});

test("decryptUpdate, any content and salt, gives back what was encrypted and changes nothing in place", () => {
  const bytes = fc.uint8Array({ maxLength: 5000 });
  const salts = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, salts, fc.nat(), (plain, saltBytes, round) => {
      const identity = { chainId: 31337, ledger: vectors.updates[0].ledger, neuronId: 3n, round };
      const before = Uint8Array.from(plain);
      const encrypted = encryptUpdate(plain, identity, bytesToHex(saltBytes));
      assert.deepEqual(plain, before);
      assert.deepEqual(decryptUpdate(encrypted, identity, bytesToHex(saltBytes)), before);
    }),
    { seed: 11, numRuns: 100 },
  );
});

test("updateKey, salt of 31 bytes, SALT_INVALID", () => {
  const identity = { chainId: 1, ledger: vectors.updates[0].ledger, neuronId: 1n, round: 0 };
  assert.throws(() => updateKey(identity, `0x${"00".repeat(31)}`), { code: "SALT_INVALID" });
});
