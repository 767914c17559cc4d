import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { openTelemetry } from "../../../workers/telemetry/openTelemetry.ts";
import { ManualClock } from "../../support/ManualClock.ts";

const roundClock = { genesis: 0, period: 60, commitSeconds: 20, revealSeconds: 40, tempo: 3 };
const anyPort = { host: "127.0.0.1", port: 0 };

/** A worker's telemetry on a free port, with chain and clock to change. */
async function bench(t: TestContext) {
  const clock = new ManualClock();
  const follower = { syncedTime: 120, rewinds: 1, now: () => ({ round: 2, time: 121.5 }) };
  const asked: number[] = [];
  const source = {
    worker: "miner",
    roundClock,
    follower,
    clock,
    balance: async () => {
      asked.push(clock.now());
      return 5n * 10n ** 9n;
    },
  };
  const telemetry = await openTelemetry(anyPort, source);
  t.after(() => telemetry.close());
  const { host, port } = telemetry.address;
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://${host}:${port}${path}`, init);
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get("content-type"),
    };
  };
  return { telemetry, follower, get, asked, clock, source };
}

test("/metrics: readings and recorded rows, labelled with the worker", async (t) => {
  const { telemetry, get } = await bench(t);
  telemetry.record({ type: "heldOutLoss", round: 1, loss: 2.25 });
  const { status, text, type } = await get("/metrics");
  assert.equal(status, 200);
  assert.match(type ?? "", /^text\/plain/);
  for (const line of [
    'weft_held_out_loss_nats{worker="miner"} 2.25',
    'weft_block_age_seconds{worker="miner"} 1.5',
    'weft_gas_money_gwei{worker="miner"} 5',
  ])
    assert.ok(text.includes(`${line}\n`), line);
});

test("/metrics, asked again within half a minute: the chain is asked for the balance once", async (t) => {
  const { get, asked, clock } = await bench(t);
  await get("/metrics");
  await get("/metrics");
  assert.equal(asked.length, 1);
  await clock.advance(31_000);
  await get("/metrics");
  assert.equal(asked.length, 2);
});

test("/healthz: 200 while it works, 503 with the problem once the chain is silent", async (t) => {
  const { telemetry, follower, get } = await bench(t);
  telemetry.record({ type: "heldOutLoss", round: 2, loss: 1 });
  const well = await get("/healthz");
  assert.equal(well.status, 200);
  assert.deepEqual(JSON.parse(well.text), {
    status: "ok",
    round: 2,
    lastRound: 2,
    secondsSinceBlock: 1.5,
    problems: [],
  });
  follower.now = () => ({ round: 4, time: 300 });
  const ill = await get("/healthz");
  assert.equal(ill.status, 503);
  const { status, problems } = JSON.parse(ill.text);
  assert.deepEqual([status, problems[0].code], ["failing", "CHAIN_SILENT"]);
});

test("other paths and methods: 404 and 405", async (t) => {
  const { get } = await bench(t);
  assert.equal((await get("/")).status, 404);
  assert.equal((await get("/metrics", { method: "POST" })).status, 405);
});

test("openTelemetry, an address in use, an address of another machine: refused", async (t) => {
  const { source } = await bench(t);
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const taken = openTelemetry({ host: "127.0.0.1", port }, source);
  await assert.rejects(taken, { code: "ADDRESS_IN_USE", retryable: false });
  const foreign = openTelemetry({ host: "192.0.2.1", port: 0 }, source);
  await assert.rejects(foreign, { code: "ADDRESS_UNUSABLE", retryable: false });
});
