import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertRefused, runScript } from "../../support/spawned.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const soak = "scripts/soak/main.ts";
const dir = temporaryFolder({ after });

test("npm run soak -- --help: exit code 0 and every option", async () => {
  const { exitCode, out, err } = await runScript(soak, ["--help"]);
  assert.equal(exitCode, 0, err);
  for (const name of ["minutes", "seed", "miners", "validators", "gap", "dir", "json", "port"])
    assert.ok(out.includes(`--${name} <`), name);
});

test("npm run soak, an option that is none: refused before anything is made", async () => {
  assertRefused(await runScript(soak, ["--dir", join(dir, "a"), "--weeks", "2"]), "OPTION_INVALID");
  assert.deepEqual(readdirSync(dir), []);
});
