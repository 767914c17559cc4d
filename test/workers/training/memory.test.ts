import assert from "node:assert/strict";
import { test } from "node:test";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { parameterCount } from "../../../workers/protocol/tensors.ts";
import {
  EngineMemoryError,
  memoryNeeded,
  OutOfMemoryError,
  requireMemory,
} from "../../../workers/training/memory.ts";
import { tinyModel, tinyTraining } from "../../support/tinyModel.ts";

const large = {
  ...tinyModel,
  vocab: 4096,
  dim: 512,
  layers: 8,
  heads: 8,
  kvHeads: 4,
  hidden: 1376,
  sequenceLength: 256,
};
const training = { ...tinyTraining, batchSequences: 8 };

test("memoryNeeded, 25 M parameters on the CPU, is what was measured within a tenth", () => {
  const measured = 2963e6;
  const needed = memoryNeeded(large, training, { provider: "cpu" });
  assert.ok(Math.abs(needed / measured - 1) < 0.1, `${needed}`);
});

test("memoryNeeded, smaller micro-batches or a GPU, is less", () => {
  const whole = memoryNeeded(large, training, { provider: "cpu" });
  assert.ok(memoryNeeded(large, { ...training, microBatchSequences: 2 }, { provider: "cpu" }) < whole);
  assert.ok(memoryNeeded(large, training, { provider: "cuda" }) < whole);
});

test("memoryNeeded, rounds that begin with late steps: four values a parameter more; without any, none", () => {
  for (const provider of ["cpu", "cuda"] as const) {
    const plain = memoryNeeded(large, training, { provider });
    const more = memoryNeeded(large, training, { provider }, 1) - plain;
    assert.equal(Math.round(more), 16 * parameterCount(parameterLayout(large)));
    assert.equal(memoryNeeded(large, { ...training, lateSteps: 0 }, { provider }, 1), plain);
  }
});

test("requireMemory, just enough and a byte too little, passes and throws with both figures", () => {
  const needed = memoryNeeded(large, training, { provider: "cpu" });
  requireMemory(large, training, { provider: "cpu" }, needed);
  assert.throws(
    () => requireMemory(large, training, { provider: "cpu" }, needed - 1),
    (error) =>
      error instanceof EngineMemoryError &&
      error.code === "ENGINE_MEMORY" &&
      error.data.needed === needed &&
      error.data.available === needed - 1,
  );
});

test("requireMemory, what smaller micro-batches would make fit, says which; where none would, another model", () => {
  const device = { provider: "cpu" } as const;
  const fitsAt = (available: number) => {
    try {
      requireMemory(large, training, device, available);
    } catch (error) {
      if (error instanceof EngineMemoryError) return error.data.fits;
    }
    return "not refused";
  };
  const need = (microBatchSequences: number) =>
    memoryNeeded(large, { ...training, microBatchSequences }, device);
  assert.equal(fitsAt(need(4)), 4);
  assert.equal(fitsAt(need(4) - 1), 2);
  assert.equal(fitsAt(1e6), undefined);
});

test("OutOfMemoryError, an allocation on a GPU, holds what it asked for and what a step takes", () => {
  const device = { provider: "cuda" } as const;
  const error = new OutOfMemoryError({ model: large, training, device }, 5e9);
  assert.equal(error.code, "ENGINE_OUT_OF_MEMORY");
  assert.equal(error.retryable, false);
  assert.equal(error.data.requested, 5e9);
  assert.ok(Number(error.data.needed) > 1e9 && Number(error.data.needed) < 4e9, String(error.data.needed));
});
