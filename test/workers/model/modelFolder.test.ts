import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { Tensor } from "onnxruntime-node";
import { logitsGraph, port } from "../../../workers/model/graphs.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { llamaConfig, ModelConfigError, settingsOf } from "../../../workers/model/llamaConfig.ts";
import { readModelFolder, writeModelFolder } from "../../../workers/model/modelFolder.ts";
import { SafetensorsError } from "../../../workers/model/safetensors.ts";
import { openSession } from "../../../workers/onnx/session.ts";
import type { ModelSettings } from "../../../workers/protocol/manifest.ts";
import type { Tensors } from "../../../workers/protocol/tensors.ts";
import { hashTensors } from "../../support/hashTensors.ts";
import { llamaVariants, variantState, variantTokens } from "../../support/llamaVariants.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { tinyModel } from "../../support/tinyModel.ts";
import { findTransformers, transformersLogits } from "../../support/transformers.ts";

const vectors: { cases: { name: string; logits: number[][] }[] } = JSON.parse(
  await readFile(new URL("../../vectors/llama.json", import.meta.url), "utf8"),
);
const theta = variantState(tinyModel);
const lineage = {
  run: "tiny",
  manifestHash: `0x${"11".repeat(32)}`,
  chainId: 31337,
  registry: `0x${"22".repeat(20)}`,
  rounds: 18,
  stateRoot: `0x${"33".repeat(32)}`,
  datasetCid: "bafkreitest",
  losses: [
    { rounds: 0, loss: 5.5 },
    { rounds: 18, loss: 2.25 },
  ],
} as const;

async function ownLogits(model: ModelSettings, state: Tensors): Promise<Float32Array> {
  const session = await openSession(logitsGraph(model), { threads: 1 });
  const tokens = new Int32Array(model.sequenceLength);
  tokens.set(variantTokens.slice(0, model.sequenceLength));
  const feeds: Record<string, Tensor> = { [port.tokens]: new Tensor("int32", tokens, [tokens.length]) };
  for (const [index, { name, shape }] of parameterLayout(model).entries()) {
    feeds[port.parameter(name)] = new Tensor("float32", state[index], shape);
  }
  const { data } = (await session.run(feeds))[port.logits];
  assert.ok(data instanceof Float32Array);
  return data;
}

function assertClose(own: Float32Array, theirs: readonly (readonly number[])[]): void {
  const expected = theirs.flat();
  const count = Math.min(own.length, expected.length);
  const largest = expected
    .slice(0, count)
    .reduce((most, value, index) => Math.max(most, Math.abs(value - own[index])), 0);
  assert.ok(count > 0 && largest < 1e-4, `largest difference of ${count} logits: ${largest}`);
}

for (const [index, { name, model }] of llamaVariants.entries())
  test(`logitsGraph, ${name}, gives the logits that transformers gave`, async () => {
    assert.equal(vectors.cases[index].name, name);
    assertClose(await ownLogits(model, variantState(model)), vectors.cases[index].logits);
  });

const found = findTransformers();
for (const { name, model } of llamaVariants)
  test(`writeModelFolder, ${name}, loads in transformers with the same logits and tokenizer`, {
    skip: "missing" in found ? found.missing : false,
  }, async (context) => {
    if ("missing" in found) return;
    const folder = temporaryFolder(context);
    await writeModelFolder(folder, model, variantState(model), { lineage, shardBytes: 8192 });
    const answer = transformersLogits(found.python, folder, variantTokens);
    assertClose(await ownLogits(model, variantState(model)), answer.logits);
    assert.equal(answer.text, "Grüße, Weft");
    assert.deepEqual(answer.ids, variantTokens);
  });

test("writeModelFolder, a model, leaves what transformers needs and nothing else, and is read back", async (context) => {
  const folder = path.join(temporaryFolder(context), "model");
  await writeModelFolder(folder, tinyModel, theta, { lineage });
  await writeModelFolder(folder, tinyModel, theta, { lineage });
  assert.deepEqual((await readdir(folder)).sort(), [
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
  const { model, theta: read } = await readModelFolder(folder);
  assert.deepEqual(model, tinyModel);
  assert.deepEqual(hashTensors(read), hashTensors(theta));
  const card = await readFile(path.join(folder, "README.md"), "utf8");
  for (const fact of [lineage.stateRoot, lineage.registry, lineage.datasetCid, "2.2500"]) {
    assert.ok(card.includes(fact), fact);
  }
});

test("writeModelFolder, more than a file may hold, spreads over several and back to one", async (context) => {
  const folder = temporaryFolder(context);
  await writeModelFolder(folder, tinyModel, theta, { shardBytes: 8192 });
  const names = (await readdir(folder)).filter((name) => name.includes("safetensors"));
  assert.ok(names.length > 3 && names.includes("model.safetensors.index.json"), names.join());
  assert.deepEqual(hashTensors((await readModelFolder(folder)).theta), hashTensors(theta));
  await writeModelFolder(folder, tinyModel, theta);
  assert.ok(!(await readdir(folder)).includes("model.safetensors.index.json"));
  assert.deepEqual(hashTensors((await readModelFolder(folder)).theta), hashTensors(theta));
});

test("readModelFolder, a tensor of another shape, names it", async (context) => {
  const folder = temporaryFolder(context);
  await writeModelFolder(folder, tinyModel, theta);
  const config = { ...llamaConfig(tinyModel), intermediate_size: tinyModel.hidden + 1 };
  await writeFile(path.join(folder, "config.json"), JSON.stringify(config));
  await assert.rejects(
    readModelFolder(folder),
    (error) =>
      error instanceof SafetensorsError && error.data.tensor === "model.layers.0.mlp.gate_proj.weight",
  );
});

test("settingsOf, what cannot be run as it says, is refused with the field", () => {
  const config = llamaConfig(tinyModel);
  const cases: readonly (readonly [string, unknown])[] = [
    ["model_type", { ...config, model_type: "mistral" }],
    ["rope_scaling", { ...config, rope_scaling: { type: "linear", factor: 2 } }],
    ["attention_bias", { ...config, attention_bias: true }],
    ["hidden_act", { ...config, hidden_act: "gelu" }],
    ["head_dim", { ...config, head_dim: 6 }],
    ["num_key_value_heads", { ...config, num_key_value_heads: 3 }],
    ["hidden_size", { ...config, hidden_size: undefined }],
    ["$", null],
  ];
  for (const [field, wrong] of cases)
    assert.throws(
      () => settingsOf(wrong),
      (error) => error instanceof ModelConfigError && error.data.field === field,
      field,
    );
});

test("settingsOf, what newer and older versions leave out or move, is understood", () => {
  const { rope_theta: _, ...config } = llamaConfig(tinyModel);
  const moved = { ...config, rope_parameters: { rope_type: "default", rope_theta: 7 }, head_dim: null };
  assert.deepEqual(settingsOf(moved), { ...tinyModel, ropeTheta: 7 });
  assert.deepEqual(settingsOf({ ...config, num_key_value_heads: undefined }), {
    ...tinyModel,
    kvHeads: tinyModel.heads,
  });
});
