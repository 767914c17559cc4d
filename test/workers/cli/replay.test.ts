import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type FaultyChain, faultyChain } from "../../support/faultyChain.ts";
import { assertRefused, runScript } from "../../support/spawned.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** What it finds in a run that was played is in test/e2e/oneProcess.test.ts. */
const script = "workers/cli/replay.ts";
const dir = temporaryFolder({ after });
const which = ["--uid", "0", "--round", "0", "--validator", "1"];
let chain: FaultyChain;

before(async () => {
  chain = await faultyChain();
});

test("replay --help, exit code 0 and every option", async () => {
  const { exitCode, out, err } = await runScript(script, ["--help"]);
  assert.equal(exitCode, 0, err);
  for (const option of ["--uid", "--round", "--validator", "--all", "--book", "--json", "--dir", "--store"])
    assert.ok(out.includes(option), option);
});

test("replay, options missing, no numbers, or unknown: refused", async () => {
  assertRefused(await runScript(script, which.slice(2)), "OPTION_MISSING");
  assertRefused(await runScript(script, which.slice(0, 4)), "OPTION_MISSING");
  assertRefused(await runScript(script, ["--uid", "256", ...which.slice(2)]), "OPTION_INVALID");
  assertRefused(await runScript(script, [...which, "--round", "-1"]), "OPTION_INVALID");
  assertRefused(await runScript(script, [...which, "--loud"]), "OPTION_INVALID");
});

test("replay, no network, no content: refused", async () => {
  assertRefused(await runScript(script, [...which, "--dir", dir]), "NETWORK_FILE_MISSING");
  const { rpcUrl, contracts } = chain;
  const where = ["--rpc", rpcUrl, "--registry", contracts.runRegistry, "--store", join(dir, "content")];
  const { exitCode, err } = await runScript(script, [...which, ...where]);
  assert.equal(exitCode, 75, err);
  assert.match(err, /\[CONTENT_MISSING\]/);
});
