import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "onnxruntime-node";
import { type GenerationOptions, Generator } from "../../../workers/model/generation.ts";
import { logitsGraph, port } from "../../../workers/model/graphs.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { openSession } from "../../../workers/onnx/session.ts";
import { llamaVariants, variantState } from "../../support/llamaVariants.ts";
import { lively, tinyModel } from "../../support/tinyModel.ts";

const theta = lively(tinyModel, 4);
const prompt = new TextEncoder().encode("function transfer(address");

async function written(given: Uint8Array, options: GenerationOptions, model = tinyModel, state = theta) {
  const generator = await Generator.open(model, 1);
  return Array.fromAsync(generator.continue(state, given, options));
}

test("Generator.continue, longer than the context, writes as many tokens as asked, the same every time", async () => {
  const options = { length: 30, temperature: 0.8, topP: 0.9, seed: 2 };
  const first = await written(prompt, options);
  assert.equal(first.length, 30);
  assert.deepEqual(await written(prompt, options), first);
  assert.notDeepEqual(await written(prompt, { ...options, seed: 3 }), first);
});

for (const { name, model } of llamaVariants)
  test(`Generator.continue, ${name}, takes with its cache what whole passes would take`, async () => {
    const state = variantState(model);
    const session = await openSession(logitsGraph(model), { threads: 1 });
    const feeds: Record<string, Tensor> = {};
    for (const [index, { name, shape }] of parameterLayout(model).entries()) {
      feeds[port.parameter(name)] = new Tensor("float32", state[index], shape);
    }
    const text = [...prompt.subarray(0, 4)];
    while (text.length < model.sequenceLength) {
      const tokens = new Int32Array(model.sequenceLength);
      tokens.set(text);
      feeds[port.tokens] = new Tensor("int32", tokens, [tokens.length]);
      const { data } = (await session.run(feeds))[port.logits];
      assert.ok(data instanceof Float32Array);
      const row = [...data.subarray((text.length - 1) * model.vocab, text.length * model.vocab)];
      text.push(row.indexOf(Math.max(...row)));
    }
    const greedy = { length: model.sequenceLength - 4, temperature: 0, seed: 0 };
    assert.deepEqual(await written(prompt.subarray(0, 4), greedy, model, state), text.slice(4));
  });

test("Generator.continue, an end and a limit of choices, are kept to", async () => {
  const greedy = { length: 8, temperature: 0, seed: 0 };
  const free = await written(prompt, greedy);
  assert.deepEqual(await written(prompt, { ...greedy, end: free[2] }), free.slice(0, free.indexOf(free[2])));
  const few = await written(prompt, { ...greedy, choices: 10 });
  assert.ok(few.every((token) => token < 10));
});
