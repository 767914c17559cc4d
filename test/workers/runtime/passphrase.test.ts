import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { newPassphrase, passphraseFrom } from "../../../workers/runtime/passphrase.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const never = new AbortController().signal;

test("passphraseFrom, a file: its first line, however it ends", async (t) => {
  const path = join(temporaryFolder(t), "passphrase");
  for (const text of ["open sesame", "open sesame\n", "open sesame\r\nsecond line\n"]) {
    writeFileSync(path, text, { mode: 0o600 });
    assert.equal(await passphraseFrom(path, never)("key.json"), "open sesame");
  }
  assert.equal(await newPassphrase(path, "key.json", never), "open sesame");
});

test("passphraseFrom, a file that is missing, empty or open to others: its code", async (t) => {
  const path = join(temporaryFolder(t), "passphrase");
  const ask = passphraseFrom(path, never);
  await assert.rejects(ask("key.json"), { code: "PASSPHRASE_FILE_MISSING" });
  writeFileSync(path, "\nsecond line\n", { mode: 0o600 });
  await assert.rejects(ask("key.json"), { code: "PASSPHRASE_MISSING" });
  writeFileSync(path, "open");
  chmodSync(path, 0o640);
  await assert.rejects(ask("key.json"), { code: "PASSPHRASE_FILE_EXPOSED" });
});

test("passphraseFrom, no file and no terminal: PASSPHRASE_MISSING", {
  skip: process.stdin.isTTY && "a terminal",
}, async () => {
  await assert.rejects(passphraseFrom(undefined, never)("key.json"), { code: "PASSPHRASE_MISSING" });
});
