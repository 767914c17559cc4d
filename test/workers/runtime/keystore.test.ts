import assert from "node:assert/strict";
import { test } from "node:test";
import { decryptKey, encryptKey, isKeystore, keystoreAddress } from "../../../workers/runtime/keystore.ts";

/** The scrypt vector of the Web3 Secret Storage definition, version 3. */
const published = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

test("decryptKey, the vector of the format's definition: its key", async () => {
  const key = await decryptKey(JSON.stringify(published), "testpassword", "file");
  assert.equal(key, "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");
});

test("decryptKey, a damaged keystore or another passphrase: PASSPHRASE_WRONG, which quotes nothing", async () => {
  const { crypto } = published;
  const damaged = { ...published, crypto: { ...crypto, mac: crypto.mac.replace(/^21/, "22") } };
  for (const [keystore, passphrase] of [
    [JSON.stringify(damaged), "testpassword"],
    [JSON.stringify({ version: 3, crypto: {} }), "testpassword"],
    [await encryptKey(`0x${"11".repeat(32)}`, "secret"), "testpassword"],
  ]) {
    await assert.rejects(decryptKey(keystore, passphrase, "file"), (error: Error & { code?: string }) => {
      assert.equal(error.code, "PASSPHRASE_WRONG");
      assert.equal(error.cause, undefined);
      assert.equal(error.message.includes(passphrase), false);
      return true;
    });
  }
});

test("isKeystore and keystoreAddress: version 3 alone, and an address only where one is said", () => {
  for (const other of [
    null,
    [],
    "text",
    {},
    { privateKey: "0x" },
    { crypto: {} },
    { crypto: {}, version: 4 },
  ])
    assert.equal(isKeystore(other), false, JSON.stringify(other));
  assert.ok(isKeystore(published));
  assert.equal(keystoreAddress(published), undefined);
  const address = "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a";
  const expected = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";
  assert.equal(keystoreAddress({ ...published, version: 3, address }), expected);
  assert.equal(keystoreAddress({ ...published, version: 3, address: `0x${address}` }), expected);
  for (const wrong of [7, "19e7", `${address}00`])
    assert.equal(keystoreAddress({ ...published, version: 3, address: wrong }), undefined, String(wrong));
});
