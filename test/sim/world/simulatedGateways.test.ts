import assert from "node:assert/strict";
import { test } from "node:test";
import type { GatewayFault } from "../../../sim/plan.ts";
import { simulatedGateways } from "../../../sim/world/simulatedGateways.ts";
import { SimulatedTime } from "../../../sim/world/simulatedTime.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { openStore } from "../../../workers/storage/openStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const { signal } = new AbortController();
const content = new TextEncoder().encode("woven");

/** What a node gets of another's content; its code where it gets none in ten minutes. */
async function read(folders: { from: string; to: string }, fault: GatewayFault | undefined, isOn = true) {
  const ref = await (await LocalStore.open(folders.from)).put(content, { signal });
  const time = new SimulatedTime(0);
  const clock = time.clockOf({});
  const folderOf = () => (isOn ? folders.from : undefined);
  const fetch = simulatedGateways({ time, clock, folderOf, fault: () => fault });
  const store = await openStore(
    { folder: folders.to, ipfsApi: undefined, gateways: ["http://other"] },
    { fetch, clock },
  );
  const reading = store.get(ref, { maxBytes: 100, signal }).then(
    (bytes) => new TextDecoder().decode(bytes),
    (error: unknown) => (error instanceof WeftError ? error.code : error),
  );
  await time.advanceTo(600, signal);
  return reading;
}

test("simulatedGateways, each fault, and a node that is off: what was stored, or a typed error", async (t) => {
  const folders = () => ({ from: temporaryFolder(t), to: temporaryFolder(t) });
  assert.equal(await read(folders(), undefined), "woven");
  assert.equal(await read(folders(), "missing"), "CONTENT_MISSING");
  for (const fault of ["refuse", "error", "stall"] as const)
    assert.equal(await read(folders(), fault), "STORE_UNAVAILABLE", fault);
  for (const fault of ["truncate", "corrupt"] as const)
    assert.equal(await read(folders(), fault), "BLOCK_CORRUPT", fault);
  assert.equal(await read(folders(), undefined, false), "STORE_UNAVAILABLE");
});
