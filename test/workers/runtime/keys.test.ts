import assert from "node:assert/strict";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { createKeyFile, loadKeyFile, loadOrCreateKeyFile } from "../../../workers/runtime/keys.ts";
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
