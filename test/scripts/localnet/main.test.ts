import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertRefused, runScript } from "../../support/spawned.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const start = "scripts/localnet/main.ts";
const dir = temporaryFolder({ after });

test("npm start -- --help, exit code 0 and every option", async () => {
  const { exitCode, out, err } = await runScript(start, ["--help"]);
  assert.equal(exitCode, 0, err);
  for (const name of [
    "rounds",
    "miners",
    "validators",
    "adversaries",
    "data",
    "seed",
    "dir",
    "report",
    "port",
  ])
    assert.ok(out.includes(`--${name} <`), name);
});

test("npm start, options that cannot be: refused before anything is made", async () => {
  assertRefused(await runScript(start, ["--dir", join(dir, "a"), "--rounds", "many"]), "OPTION_INVALID");
  assertRefused(await runScript(start, ["--dir", join(dir, "a"), "--miners", "0"]), "OPTION_OUT_OF_RANGE");
  assertRefused(
    await runScript(start, ["--dir", join(dir, "a"), "--adversaries", "saint"]),
    "UNKNOWN_ADVERSARY",
  );
  assert.deepEqual(readdirSync(dir), []);
});

test("npm start in a folder with other files: FOLDER_NOT_OURS twice, and nothing of it touched", async () => {
  const foreign = temporaryFolder({ after });
  writeFileSync(join(foreign, "model"), "years of work");
  for (let attempt = 0; attempt < 2; attempt++)
    assertRefused(await runScript(start, ["--dir", foreign]), "FOLDER_NOT_OURS");
  assert.deepEqual(readdirSync(foreign), ["model"]);
  assert.equal(readFileSync(join(foreign, "model"), "utf8"), "years of work");
});

test("npm start on a port that is taken: PORT_TAKEN, and the folder is free again", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const own = join(dir, "own");
  assertRefused(await runScript(start, ["--dir", own, "--port", String(address.port)]), "PORT_TAKEN");
  server.close();
  assert.deepEqual(JSON.parse(readFileSync(join(own, "localnet.json"), "utf8")), {});
});
