import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keccak256, toHex } from "viem";
import {
  fetchIndex,
  fetchWorkerState,
  publishWorkerState,
} from "../../../workers/node/workerStateContent.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import {
  indexBytes,
  indexSize,
  parseIndex,
  parseTensorState,
  workerStateRoot,
  zeroWorkerState,
} from "../../../workers/training/workerState.ts";
import { never } from "../../support/scriptedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const specs = [
  { name: "a", shape: [3] },
  { name: "b", shape: [2, 2] },
];
const tensors = fc.tuple(
  fc.float32Array({ minLength: 3, maxLength: 3 }),
  fc.float32Array({ minLength: 4, maxLength: 4 }),
);
const machine = fc.option(fc.constant(keccak256(toHex("machine"))), { nil: undefined });
const states = fc
  .record({ errorFeedback: tensors, first: tensors, second: tensors, steps: fc.nat(2 ** 31), machine })
  .map(({ errorFeedback, first, second, steps, machine: known }) => ({
    errorFeedback,
    moments: { first, second, steps },
    ...(known === undefined ? {} : { machine: known }),
  }));

test("publishWorkerState then fetchWorkerState by the root alone, any state: the same bits", async (t) => {
  const store = await LocalStore.open(temporaryFolder(t));
  await fc.assert(
    fc.asyncProperty(states, async (state) => {
      await publishWorkerState(store, specs, state, never);
      const index = await fetchIndex(store, specs, workerStateRoot(specs, state), never);
      const fetched = await fetchWorkerState(store, specs, index, never);
      assert.deepEqual(fetched, state);
      assert.equal(workerStateRoot(specs, fetched), workerStateRoot(specs, state));
    }),
    { seed: 1, numRuns: 25 },
  );
});

test("parseTensorState, content that is a part of a larger buffer: its own values", () => {
  const values = Float32Array.from({ length: 9 }, (_, index) => index);
  const around = Buffer.concat([Buffer.alloc(3, 255), Buffer.from(values.buffer), Buffer.alloc(5, 255)]);
  const { errorFeedback, first, second } = parseTensorState(specs[0], around.subarray(3, 39));
  assert.deepEqual([...errorFeedback, ...first, ...second], [...values]);
});

test("workerStateRoot, another machine, step count or bit: another root", () => {
  const state = zeroWorkerState(specs);
  const root = workerStateRoot(specs, state);
  const negative = [Float32Array.of(0, -0, 0), new Float32Array(4)];
  for (const other of [
    { ...state, machine: keccak256(toHex("machine")) },
    { ...state, moments: { ...state.moments, steps: 1 } },
    { ...state, errorFeedback: negative },
    { ...state, moments: { ...state.moments, second: negative } },
  ])
    assert.notEqual(workerStateRoot(specs, other), root);
});

test("parseIndex, parseTensorState, bytes of another length: refused", () => {
  const bytes = indexBytes(specs, zeroWorkerState(specs));
  assert.equal(bytes.length, indexSize(specs));
  for (const length of [0, bytes.length - 1, bytes.length + 1])
    assert.throws(() => parseIndex(specs, new Uint8Array(length)), { code: "WORKER_STATE_SIZE" });
  assert.throws(() => parseTensorState(specs[0], new Uint8Array(35)), { code: "WORKER_STATE_SIZE" });
});

test("fetchIndex, what nobody serves, and content of another size under the root: errors that tell them apart", async (t) => {
  const store = await LocalStore.open(temporaryFolder(t));
  const missing = workerStateRoot(specs, zeroWorkerState(specs));
  await assert.rejects(fetchIndex(store, specs, missing, never), { code: "CONTENT_MISSING" });
  const { digest } = await store.put(new Uint8Array(5), { signal: never });
  await assert.rejects(fetchIndex(store, specs, digest, never), { code: "SIZE_MISMATCH" });
});
