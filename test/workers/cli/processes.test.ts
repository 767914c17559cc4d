import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createKeyFile } from "../../../workers/runtime/keys.ts";
import { type FaultyChain, faultyChain } from "../../support/faultyChain.ts";
import { assertRefused, runScript } from "../../support/spawned.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const miner = "workers/cli/miner.ts";
const scripts = [miner, "workers/cli/validator.ts", "lab/adversaries/main.ts"];
const dir = temporaryFolder({ after });
let chain: FaultyChain;

before(async () => {
  chain = await faultyChain();
  await createKeyFile(join(dir, "keys", "anna-hotkey.json"));
});

/** Arguments of a worker on the test's chain, some of them replaced. */
function argumentsWith(change: Readonly<Record<string, string>> = {}): string[] {
  const { rpcUrl, contracts } = chain;
  const store = join(dir, "content");
  const all = { dir, as: "anna", rpc: rpcUrl, registry: contracts.runRegistry, store, ...change };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
}

test("a worker's --help, exit code 0 and every option", async () => {
  for (const { exitCode, out, err } of await Promise.all(
    scripts.map((script) => runScript(script, ["--help"])),
  )) {
    assert.equal(exitCode, 0, err);
    for (const option of [
      "--dir",
      "--as",
      "--hotkey",
      "--rpc",
      "--registry",
      "--store",
      "--folder",
      "--threads",
    ])
      assert.ok(out.includes(option), option);
  }
});

test("a worker without an identity, with an unknown option, without a network: refused", async () => {
  const empty = join(dir, "empty");
  mkdirSync(empty);
  assertRefused(await runScript(miner, ["--dir", empty]), "NO_IDENTITY");
  assertRefused(await runScript("workers/cli/validator.ts", ["--loud"]), "OPTION_INVALID");
  assertRefused(await runScript(miner, ["--dir", empty, "--as", "anna"]), "NETWORK_FILE_MISSING");
});

test("an adversary without a name or with an unknown one: refused", async () => {
  const script = "lab/adversaries/main.ts";
  assertRefused(await runScript(script, ["--as", "anna"]), "OPTION_INVALID");
  assertRefused(await runScript(script, [...argumentsWith(), "--adversary", "saint"]), "UNKNOWN_ADVERSARY");
});

test("a worker whose key is not registered: NOT_REGISTERED", async () => {
  assertRefused(await runScript(miner, argumentsWith()), "NOT_REGISTERED");
});

test("a worker without its key file, and one whose key others can read: refused", async () => {
  assertRefused(await runScript(miner, argumentsWith({ as: "nobody" })), "KEY_FILE_MISSING");
  const open = join(dir, "open.json");
  writeFileSync(open, JSON.stringify({ privateKey: `0x${"11".repeat(32)}` }), { mode: 0o644 });
  assertRefused(await runScript(miner, argumentsWith({ hotkey: open })), "KEY_FILE_EXPOSED");
});

test("a worker at an address without code, or that is none: refused", async () => {
  const empty = `0x${"12".repeat(20)}`;
  assertRefused(await runScript(miner, argumentsWith({ registry: empty })), "NO_CODE");
  assertRefused(await runScript(miner, argumentsWith({ registry: "0x12" })), "ADDRESS_INVALID");
  const token = chain.contracts.token;
  assertRefused(await runScript(miner, argumentsWith({ registry: token })), "NOT_A_REGISTRY");
});

test("a worker whose network file names another chain: WRONG_CHAIN", async () => {
  const { rpcUrl, contracts } = chain;
  const other = join(dir, "other");
  mkdirSync(other);
  const file = {
    rpcUrl,
    chainId: 1,
    registry: contracts.runRegistry,
    store: join(dir, "content"),
    deployBlock: 0,
  };
  writeFileSync(join(other, "network.json"), JSON.stringify(file));
  const hotkey = join(dir, "keys", "anna-hotkey.json");
  assertRefused(await runScript(miner, ["--dir", other, "--hotkey", hotkey]), "WRONG_CHAIN");
});

test("a worker whose RPC is down: RPC_UNREACHABLE, exit code 75 for who tries again; no URL at all: refused", async () => {
  assertRefused(await runScript(miner, argumentsWith({ rpc: "http://127.0.0.1:9" })), "RPC_UNREACHABLE", 75);
  assertRefused(await runScript(miner, argumentsWith({ rpc: "localhost" })), "RPC_URL_INVALID");
});
