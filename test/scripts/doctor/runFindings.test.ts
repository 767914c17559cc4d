import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunReadings } from "../../../scripts/doctor/readRun.ts";
import { examineRun } from "../../../scripts/doctor/runFindings.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { cpuDevice } from "../../../workers/training/device.ts";
import { memoryNeeded } from "../../../workers/training/memory.ts";
import { tinyModel as model, tinyTraining as settings } from "../../support/tinyModel.ts";

const endpoint = { chainId: 10, latencyMs: 20, head: 100n, clockAheadSeconds: 2 };
const error = new FatalError("SOMETHING", "something is wrong", { hint: "Mend it." });
const healthy: RunReadings = {
  endpoints: [{ host: "a", reading: { value: endpoint } }],
  expectedChainId: 10,
  period: { value: 60 },
  content: { value: 0.1 },
  training: { value: { model, settings, parameters: 1e6 } },
  key: { value: { address: "0x01", encrypted: false } },
  freeBytes: { value: 1e11 },
};
const gigabyte = 1e9;
const found = (change: Partial<RunReadings>, memoryBytes = 16 * gigabyte) =>
  examineRun({ ...healthy, ...change }, cpuDevice, memoryBytes);
const states = (change: Partial<RunReadings>, memoryBytes?: number) =>
  Object.fromEntries(found(change, memoryBytes).map(({ what, state }) => [what, state]));
const good = {
  rpc: "good",
  clock: "good",
  content: "good",
  run: "good",
  "run's memory": "good",
  hotkey: "good",
  disk: "good",
};
const at = (change: Partial<typeof endpoint>) => ({
  endpoints: [{ host: "a", reading: { value: { ...endpoint, ...change } } }],
});

test("examineRun, all is well: every part is good", () => {
  assert.deepEqual(states({}), good);
});

test("examineRun, a part that failed: bad, with its code and what to do", () => {
  const cases: readonly (readonly [string, Partial<RunReadings>])[] = [
    ["rpc", { endpoints: [{ host: "a", reading: { error } }] }],
    ["content", { content: { error } }],
    ["run", { training: { error } }],
    ["run", { period: { error } }],
    ["hotkey", { key: { error } }],
    ["disk", { freeBytes: { error } }],
  ];
  for (const [what, change] of cases) {
    const finding = found(change).find((each) => each.what === what);
    assert.equal(finding?.state, "bad", what);
    assert.ok(finding?.finding.endsWith("something is wrong [SOMETHING]"), what);
    assert.equal(finding?.advice, "Mend it.", what);
  }
});

test("examineRun, an RPC of another chain: bad; any chain where none is expected", () => {
  assert.equal(states(at({ chainId: 11 })).rpc, "bad");
  assert.equal(states({ ...at({ chainId: 11 }), expectedChainId: undefined }).rpc, "good");
});

test("examineRun, a slow RPC and one more than five blocks behind: noted", () => {
  assert.equal(states(at({ latencyMs: 500 })).rpc, "good");
  assert.equal(states(at({ latencyMs: 501 })).rpc, "note");
  for (const [lag, state] of [
    [5n, "good"],
    [6n, "note"],
  ] as const) {
    const behind = { host: "b", reading: { value: { ...endpoint, head: endpoint.head - lag } } };
    const [, second] = found({ endpoints: [...healthy.endpoints, behind] });
    assert.equal(second.state, state, `${lag} behind`);
  }
});

test("examineRun, a clock more than two minutes and a round off, either way: noted", () => {
  assert.equal(states(at({ clockAheadSeconds: 120 })).clock, "good");
  assert.equal(states(at({ clockAheadSeconds: 121 })).clock, "note");
  assert.equal(states(at({ clockAheadSeconds: -121 })).clock, "note");
  assert.equal(states({ ...at({ clockAheadSeconds: 121 }), period: { value: 1800 } }).clock, "good");
});

test("examineRun, memory: bad below what the run's micro-batch takes, and the largest that fits is said", () => {
  const own = settings.microBatchSequences ?? settings.batchSequences;
  const needs = (sequences: number) =>
    memoryNeeded(model, { ...settings, microBatchSequences: sequences }, cpuDevice);
  assert.equal(states({}, needs(own) - 1)["run's memory"], "bad");
  const memory = found({}, needs(4 * own)).find(({ what }) => what === "run's memory");
  assert.equal(memory?.state, "good");
  assert.ok(memory?.finding.endsWith(`${4 * own} would fit`), memory?.finding);
});

test("examineRun, disk: bad below a gigabyte and 64 bytes a parameter", () => {
  const needed = gigabyte + 64 * 1e6;
  assert.equal(states({ freeBytes: { value: needed } }).disk, "good");
  assert.equal(states({ freeBytes: { value: needed - 1 } }).disk, "bad");
});

test("examineRun, no key named, no RPC that answers: neither hotkey nor clock is judged", () => {
  const { hotkey, clock } = states({ key: undefined, endpoints: [{ host: "a", reading: { error } }] });
  assert.deepEqual([hotkey, clock], [undefined, undefined]);
});
