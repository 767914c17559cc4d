import assert from "node:assert/strict";
import { test } from "node:test";
import { CID } from "multiformats/cid";
import type { GatewayFault } from "../../../sim/plan.ts";
import { simulatedGateways } from "../../../sim/world/simulatedGateways.ts";
import { SimulatedTime } from "../../../sim/world/simulatedTime.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { gatewayBlocks } from "../../../workers/storage/httpBlocks.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const { signal } = new AbortController();
const content = new TextEncoder().encode("woven");

/** What a block source makes of a gateway within ten minutes: the block's text, or a code. */
async function read(folder: string, fault: GatewayFault | undefined, isOn = true): Promise<unknown> {
  const { cid } = await (await LocalStore.open(folder)).put(content, { signal });
  const time = new SimulatedTime(0);
  const clock = time.clockOf({});
  const folderOf = () => (isOn ? folder : undefined);
  const fetch = simulatedGateways({ time, clock, folderOf, fault: () => fault });
  const source = gatewayBlocks(new URL("http://other"), { fetch, clock, stallMs: 15_000, blockMs: 60_000 });
  const reading = source(CID.parse(cid), { maxBytes: 100, signal }).then(
    (bytes) => new TextDecoder().decode(bytes),
    (error: unknown) => (error instanceof WeftError ? [error.code, error.data.stalled ?? false] : error),
  );
  await time.advanceTo(600, signal);
  return reading;
}

test("simulatedGateways, each fault, and a node that is off: the block, another one, or a typed error", async (t) => {
  const folder = temporaryFolder(t);
  assert.equal(await read(folder, undefined), "woven");
  assert.deepEqual(await read(folder, "missing"), ["CONTENT_MISSING", false]);
  assert.deepEqual(await read(folder, "refuse"), ["STORE_UNAVAILABLE", false]);
  assert.deepEqual(await read(folder, "error"), ["STORE_UNAVAILABLE", false]);
  assert.deepEqual(await read(folder, "stall"), ["STORE_UNAVAILABLE", true]);
  assert.equal(await read(folder, "truncate"), "wo");
  assert.equal(await read(folder, "corrupt"), "wowen");
  assert.deepEqual(await read(folder, undefined, false), ["STORE_UNAVAILABLE", false]);
});
