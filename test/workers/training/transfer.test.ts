import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "onnxruntime-node";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { cpuProfile } from "../../../workers/onnx/profiles.ts";
import { floats } from "../../../workers/training/trainer.ts";
import { Transfer } from "../../../workers/training/transfer.ts";
import { hashTensors } from "../../support/hashTensors.ts";
import { lively, tinyModel } from "../../support/tinyModel.ts";

// The way up needs a device; the way down runs on any provider.
test("Transfer.move, every tensor of a model down, keeps order and bits", async () => {
  const theta = lively(tinyModel, 2);
  const transfer = await Transfer.open("down", { model: tinyModel, threads: 1, profile: cpuProfile });
  const tensors = parameterLayout(tinyModel).map(
    ({ shape }, index) => new Tensor("float32", theta[index], shape),
  );
  const moved = await transfer.move(tensors);
  assert.deepEqual(hashTensors(moved.map(floats)), hashTensors(theta));
});
