import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, Generator } from "../../../workers/model/generation.ts";
import { uniform } from "../../../workers/model/initialState.ts";
import { lively, tinyModel } from "../../support/tinyModel.ts";

const theta = lively(tinyModel, 4);
const prompt = new TextEncoder().encode("function transfer(address");
const never = () => false;

test("choose, temperature 0, takes the largest logit, the first of equals", () => {
  assert.equal(
    choose(Float32Array.of(1, 3, 2, 3), 0, () => 0.99),
    1,
  );
});

test("choose, temperature 1, draws as often as softmax says", () => {
  const random = uniform(8);
  const logits = Float32Array.of(Math.log(0.7), Math.log(0.2), Math.log(0.1));
  const counts = [0, 0, 0];
  for (let i = 0; i < 5000; i++) counts[choose(logits, 1, random)]++;
  for (const [index, share] of [0.7, 0.2, 0.1].entries()) {
    assert.ok(Math.abs(counts[index] / 5000 - share) < 0.03, `share of ${index}`);
  }
});

test("Generator.continue, longer than the context, writes as many bytes as asked, the same every time", async () => {
  const generator = await Generator.open(tinyModel, 1);
  const options = { length: 30, temperature: 0.8, seed: 2 };
  const first = await generator.continue(theta, prompt, options, never);
  const second = await generator.continue(theta, prompt, options, never);
  assert.equal(first?.length, 30);
  assert.deepEqual(second, first);
  const other = await generator.continue(theta, prompt, { ...options, seed: 3 }, never);
  assert.notDeepEqual(other, first);
});

test("Generator.continue, a prompt shorter than the context, does not see the filling", async () => {
  const generator = await Generator.open(tinyModel, 1);
  const greedy = { length: 1, temperature: 0, seed: 0 };
  const whole = await generator.continue(theta, prompt.subarray(0, 4), { ...greedy, length: 3 }, never);
  const steps = [...prompt.subarray(0, 4)];
  for (let i = 0; i < 3; i++) {
    const next = await generator.continue(theta, Uint8Array.from(steps), greedy, never);
    steps.push(...(next ?? []));
  }
  assert.deepEqual(steps.slice(4), [...(whole ?? [])]);
});

test("Generator.continue, aborted, gives nothing", async () => {
  const generator = await Generator.open(tinyModel, 1);
  const options = { length: 5, temperature: 0, seed: 0 };
  assert.equal(await generator.continue(theta, prompt, options, () => true), undefined);
});
