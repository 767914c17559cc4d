import assert from "node:assert/strict";
import { test } from "node:test";
import { failedAllocation } from "../../../workers/onnx/outOfMemory.ts";

test("failedAllocation, as onnxruntime, its providers and V8 say it, is one, with the bytes where they are named", () => {
  const said: readonly (readonly [string, number | undefined])[] = [
    ["bfc_arena.cc:360 Failed to allocate memory for requested buffer of size 1099511627776", 1099511627776],
    ["Available memory of 1048576 is smaller than requested bytes of 4194304", 4194304],
    ["std::bad_alloc", undefined],
    ["bad allocation", undefined],
    ["CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; expr=cudaMalloc((void**)&p, size);", undefined],
    ["CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0", undefined],
    ["cudaErrorMemoryAllocation", undefined],
    ["Buffer size (4294967296) exceeds the max buffer size limit (2147483648)", 4294967296],
    ["Out of memory while creating a buffer", undefined],
    ["Array buffer allocation failed", undefined],
  ];
  for (const [message, requested] of said) {
    assert.deepEqual(failedAllocation(new Error(message)), { requested }, message);
    const outer = new Error("Non-zero status code", { cause: new Error(message) });
    assert.deepEqual(failedAllocation(outer), { requested }, `cause: ${message}`);
  }
  const heap = Object.assign(new Error("Worker terminated"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
  assert.deepEqual(failedAllocation(heap), { requested: undefined });
});

test("failedAllocation, anything else, is none", () => {
  for (const other of [
    new Error("invalid dimensions"),
    new Error("CUDA failure 100: no device"),
    "text",
    undefined,
  ])
    assert.equal(failedAllocation(other), undefined);
});
