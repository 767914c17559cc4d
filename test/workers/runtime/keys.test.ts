import assert from "node:assert/strict";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { FatalError } from "../../../workers/protocol/errors.ts";
import {
  createKeyFile,
  encryptKeyFile,
  inspectKeyFile,
  loadKeyFile,
  loadOrCreateKeyFile,
} from "../../../workers/runtime/keys.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const KEY = `0x${"17".repeat(32)}` as const;
const withCode = (code: string) => (error: unknown) => error instanceof FatalError && error.code === code;

describe("key files", () => {
  it("createKeyFile then loadKeyFile, a new path, give the same account under mode 0600", async (test) => {
    const path = join(await temporaryFolder(test), "keys/hot.json");
    const created = await createKeyFile(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await loadKeyFile(path)).address, created.address);
  });

  it("createKeyFile, an existing file, is KEY_FILE_EXISTS and keeps it", async (test) => {
    const path = join(await temporaryFolder(test), "hot.json");
    await createKeyFile(path, KEY);
    await assert.rejects(createKeyFile(path), withCode("KEY_FILE_EXISTS"));
    assert.equal(JSON.parse(await readFile(path, "utf8")).privateKey, KEY);
  });

  for (const mode of [0o640, 0o604, 0o622]) {
    it(`loadKeyFile, mode ${mode.toString(8)}, is KEY_FILE_EXPOSED`, async (test) => {
      const path = join(await temporaryFolder(test), "hot.json");
      await createKeyFile(path, KEY);
      await chmod(path, mode);
      await assert.rejects(loadKeyFile(path), withCode("KEY_FILE_EXPOSED"));
    });
  }

  it("loadKeyFile, no file, is KEY_FILE_MISSING", async (test) => {
    await assert.rejects(
      loadKeyFile(join(await temporaryFolder(test), "none")),
      withCode("KEY_FILE_MISSING"),
    );
  });

  it("loadOrCreateKeyFile, twice, gives one account", async (test) => {
    const path = join(await temporaryFolder(test), "hot.json");
    const first = await loadOrCreateKeyFile(path);
    assert.equal((await loadOrCreateKeyFile(path)).address, first.address);
  });

  const zero = `0x${"00".repeat(32)}`;
  const broken = [
    "",
    "{",
    "[]",
    "null",
    '{"privateKey":7}',
    `{"privateKey":"${KEY}00"}`,
    `{"privateKey":"${zero}"}`,
  ];
  for (const text of broken) {
    it(`loadKeyFile, content ${text.slice(0, 24)}, is KEY_INVALID and quotes no content`, async (test) => {
      const path = join(await temporaryFolder(test), "hot.json");
      await writeFile(path, text, { mode: 0o600 });
      await assert.rejects(loadKeyFile(path), (error) => {
        assert.ok(withCode("KEY_INVALID")(error));
        assert.ok(!inspect(error).includes("1717171717"));
        return true;
      });
    });
  }
});

describe("encrypted key files", () => {
  const knows = (passphrase: string) => async () => passphrase;

  it("encryptKeyFile, a bare key: the same account with its passphrase alone, mode 0600, the key nowhere in the file", async (test) => {
    const path = join(await temporaryFolder(test), "hot.json");
    const { address } = await createKeyFile(path, KEY);
    assert.equal(await encryptKeyFile(path, knows("open")), address);
    assert.equal((await loadKeyFile(path, knows("open"))).address, address);
    await assert.rejects(loadKeyFile(path, knows("shut")), withCode("PASSPHRASE_WRONG"));
    await assert.rejects(loadKeyFile(path), withCode("PASSPHRASE_MISSING"));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await readFile(path, "utf8")).includes(KEY.slice(2)), false);
    assert.deepEqual(await inspectKeyFile(path), { address, encrypted: true });
    await assert.rejects(encryptKeyFile(path, knows("open")), withCode("KEY_FILE_ENCRYPTED"));
  });

  it("encryptKeyFile, no passphrase given: the file stays as it was", async (test) => {
    const path = join(await temporaryFolder(test), "hot.json");
    const { address } = await createKeyFile(path, KEY);
    const refused = encryptKeyFile(path, () => Promise.reject(new FatalError("PASSPHRASE_DIFFERS", "no")));
    await assert.rejects(refused, withCode("PASSPHRASE_DIFFERS"));
    assert.deepEqual(await inspectKeyFile(path), { address, encrypted: false });
  });

  it("loadOrCreateKeyFile, to be encrypted: made as a keystore, opened the next time", async (test) => {
    const path = join(await temporaryFolder(test), "hot.json");
    const { address } = await loadOrCreateKeyFile(path, knows("open"), true);
    assert.deepEqual(await inspectKeyFile(path), { address, encrypted: true });
    assert.equal((await loadOrCreateKeyFile(path, knows("open"), true)).address, address);
  });

  it("loadKeyFile, a keystore without an address: opened; its address is not told without the passphrase", async (test) => {
    const path = join(await temporaryFolder(test), "hot.json");
    const { address } = await createKeyFile(path, KEY, "open");
    const { address: _said, ...hidden } = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify(hidden));
    assert.equal((await loadKeyFile(path, knows("open"))).address, address);
    await assert.rejects(inspectKeyFile(path), withCode("KEY_INVALID"));
  });
});
