import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readRun, type Tried } from "../../../scripts/doctor/readRun.ts";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { createKeyFile } from "../../../workers/runtime/keys.ts";
import { type FaultyChain, faultyChain, never } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

let chain: FaultyChain;
before(async () => {
  chain = await faultyChain();
});

const codeOf = (tried: Tried<unknown> | undefined) =>
  tried && ("error" in tried ? tried.error.code : "value");
const optionsIn = (folder: string) => ({
  location: {
    rpcUrl: chain.rpcUrl,
    registry: chain.contracts.runRegistry,
    chainId: 31337,
    deployBlock: undefined,
    store: { folder: join(folder, "not", "there", "yet"), ipfsApi: undefined, gateways: [] },
  },
  hotkeyFile: join(folder, "hotkey.json"),
  clock: systemClock,
  signal: never,
});

test("readRun, a chain with a run, whose manifest nobody serves: all but the manifest is read", async (t) => {
  const folder = temporaryFolder(t);
  const { address } = await createKeyFile(join(folder, "hotkey.json"));
  const readings = await readRun(optionsIn(folder));
  const [{ host, reading }] = readings.endpoints;
  assert.equal(host, new URL(chain.rpcUrl).host);
  assert.ok("value" in reading);
  assert.equal(reading.value.chainId, 31337);
  assert.ok(reading.value.latencyMs > 0 && reading.value.head > 0n);
  assert.deepEqual(readings.period, { value: 1000 });
  assert.deepEqual(readings.key, { value: { address, encrypted: false } });
  assert.ok("value" in readings.content && readings.content.value > 0);
  assert.ok("value" in readings.freeBytes && readings.freeBytes.value > 0);
  assert.equal(codeOf(readings.training), "CONTENT_MISSING");
});

test("readRun, an open key file, two RPCs of which one is dead, no contract at the address: each its code", async (t) => {
  const folder = temporaryFolder(t);
  await createKeyFile(join(folder, "hotkey.json"));
  chmodSync(join(folder, "hotkey.json"), 0o644);
  const options = optionsIn(folder);
  const location = {
    ...options.location,
    rpcUrl: `${chain.rpcUrl}, http://127.0.0.1:1/secret`,
    registry: "0x00000000000000000000000000000000000000aa",
  };
  const readings = await readRun({ ...options, location });
  assert.deepEqual(
    readings.endpoints.map(({ host, reading }) => [host, codeOf(reading)]),
    [
      [new URL(chain.rpcUrl).host, "value"],
      ["127.0.0.1:1", "RPC_UNREACHABLE"],
    ],
  );
  assert.deepEqual([codeOf(readings.period), codeOf(readings.training)], ["NO_CODE", "NO_CODE"]);
  assert.equal(codeOf(readings.key), "KEY_FILE_EXPOSED");
  assert.equal(codeOf(readings.content), "value");
});

test("readRun, given up: the signal's reason", async (t) => {
  const reason = new Error("given up");
  const given = { ...optionsIn(temporaryFolder(t)), signal: AbortSignal.abort(reason) };
  await assert.rejects(readRun(given), reason);
});
