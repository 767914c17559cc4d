import assert from "node:assert/strict";
import { after, test } from "node:test";
import { initialState } from "../../../workers/model/initialState.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { Engine } from "../../../workers/training/engine.ts";
import {
  DivergedError,
  EngineFailedError,
  EngineInputError,
} from "../../../workers/training/engineErrors.ts";
import { OutOfMemoryError } from "../../../workers/training/memory.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { hashTensors } from "../../support/hashTensors.ts";
import { countingSequences, tinyModel, tinyTraining } from "../../support/tinyModel.ts";

const engines: Engine[] = [];
function start(threads = 1): Engine {
  const engine = new Engine({ model: tinyModel, training: tinyTraining, threads, evaluationBatch: 4 });
  engines.push(engine);
  return engine;
}
after(() => Promise.all(engines.map((engine) => engine.close())));

const theta = initialState(tinyModel, 1);
const { moments } = zeroWorkerState(parameterLayout(tinyModel));
const batchesOf = (count: number, seed = 0) =>
  Array.from({ length: count }, (_, step) =>
    countingSequences(tinyTraining.batchSequences, tinyModel.sequenceLength, seed + step),
  );
const sequencesOf = (count: number) =>
  Array.from({ length: count }, (_, seed) => countingSequences(1, tinyModel.sequenceLength, 100 + seed));
const signal = new AbortController().signal;
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("trainInner, text with structure, brings training and held-out loss down", async () => {
  const engine = start();
  const before = mean(await engine.sequenceLosses(theta, sequencesOf(6), { signal }));
  const steps: number[] = [];
  const result = await engine.trainInner({
    theta,
    moments,
    firstStep: 2,
    batches: batchesOf(40),
    signal,
    onStep: (step) => steps.push(step),
  });
  assert.deepEqual(
    steps,
    Array.from({ length: 40 }, (_, i) => i + 2),
  );
  assert.equal(result.moments.steps, 40);
  assert.ok(Math.abs(result.losses[0] - Math.log(256)) < 0.3, `first loss ${result.losses[0]}`);
  assert.ok(result.losses[39] < 3.5, `last loss ${result.losses[39]}`);
  const trained = mean(await engine.sequenceLosses(result.theta, sequencesOf(6), { signal }));
  assert.ok(trained < before - 1.5, `held-out loss ${before} to ${trained}`);
});

test("trainInner, two engines with other thread counts, end in the same bits", async () => {
  const phase = { theta, moments, firstStep: 0, batches: batchesOf(5), signal };
  const results = await Promise.all([start(1), start(2)].map((engine) => engine.trainInner(phase)));
  const [first, second] = results.map(({ theta, moments }) => [
    hashTensors(theta),
    hashTensors(moments.first),
    hashTensors(moments.second),
  ]);
  assert.deepEqual(first, second);
  assert.deepEqual(results[0].losses, results[1].losses);
});

test("trainInner, in two parts, ends as in one and leaves its inputs alone", async () => {
  const engine = start();
  const inputs = hashTensors([...theta, ...moments.first]);
  const batches = batchesOf(4);
  const whole = await engine.trainInner({ theta, moments, firstStep: 7, batches, signal });
  const half = await engine.trainInner({
    theta,
    moments,
    firstStep: 7,
    batches: batches.slice(0, 2),
    signal,
  });
  const rest = await engine.trainInner({ ...half, firstStep: 9, batches: batches.slice(2), signal });
  assert.deepEqual(hashTensors(rest.theta), hashTensors(whole.theta));
  assert.deepEqual(hashTensors(rest.moments.second), hashTensors(whole.moments.second));
  assert.deepEqual(hashTensors([...theta, ...moments.first]), inputs);
});

test("sequenceLosses, more than a batch and not a multiple, equals one by one", async () => {
  const engine = start();
  const sequences = sequencesOf(6);
  const together = await engine.sequenceLosses(theta, sequences, { signal });
  for (const [index, sequence] of sequences.entries()) {
    const [alone] = await engine.sequenceLosses(theta, [sequence], { signal });
    assert.ok(Math.abs(together[index] - alone) < 1e-5, `sequence ${index}`);
  }
  assert.equal((await engine.sequenceLosses(theta, [], { signal })).length, 0);
});

test("trainInner, aborted between steps, rejects with the signal's reason and goes on working", async () => {
  const engine = start();
  const controller = new AbortController();
  const reason = new Error("enough");
  let steps = 0;
  const onStep = () => {
    steps += 1;
    if (steps === 2) controller.abort(reason);
  };
  const batches = batchesOf(20_000);
  const phase = { theta, moments, firstStep: 0, batches, signal: controller.signal, onStep };
  await assert.rejects(engine.trainInner(phase), (error) => error === reason);
  assert.ok(steps < 20_000);
  const [loss] = await engine.sequenceLosses(theta, sequencesOf(1), { signal });
  assert.ok(Number.isFinite(loss));
});

test("engine, a signal already aborted, does not start", async () => {
  const aborted = AbortSignal.abort();
  const generation = start().generate(theta, Int32Array.of(65), { length: 5, signal: aborted });
  await assert.rejects(generation, (error) => error === aborted.reason);
});

test("trainInner, parameters that are not numbers, throws DivergedError", async () => {
  const broken = theta.map((tensor) => tensor.map(() => Number.NaN));
  const phase = { theta: broken, moments, firstStep: 3, batches: batchesOf(1), signal };
  await assert.rejects(start().trainInner(phase), (error) => {
    assert.ok(error instanceof DivergedError);
    assert.equal(error.code, "TRAINING_DIVERGED");
    assert.equal(error.data.step, 3);
    return true;
  });
});

test("engine, inputs that do not fit the model, throws EngineInputError", async () => {
  const engine = start();
  const misfit = (error: unknown) => error instanceof EngineInputError && error.code === "ENGINE_INPUT";
  const phase = { theta, moments, firstStep: 0, batches: batchesOf(1), signal };
  const [sequence] = sequencesOf(1);
  await assert.rejects(engine.trainInner({ ...phase, theta: theta.slice(1) }), misfit);
  await assert.rejects(engine.trainInner({ ...phase, batches: [new Int32Array(5)] }), misfit);
  await assert.rejects(engine.sequenceLosses(theta.toReversed(), [sequence], { signal }), misfit);
  await assert.rejects(engine.sequenceLosses(theta, [sequence.map(() => 256)], { signal }), misfit);
  await assert.rejects(
    engine.sequenceLosses(theta, [sequence.map(() => -1 - tinyModel.vocab)], { signal }),
    misfit,
  );
  await assert.rejects(engine.generate(theta, new Int32Array(), { length: 1, signal }), misfit);
});

test("trainInner, a step that no machine has the memory for, throws OutOfMemoryError; the engine goes on", async () => {
  const wide = {
    ...tinyModel,
    vocab: 2 ** 20,
    dim: 4,
    heads: 2,
    kvHeads: 1,
    hidden: 2,
    layers: 1,
    sequenceLength: 1,
  };
  const engine = new Engine({ model: wide, training: { ...tinyTraining, batchSequences: 2 ** 18 } });
  const wideTheta = initialState(wide, 1);
  const batches = [new Int32Array(2 ** 19)];
  const { moments: none } = zeroWorkerState(parameterLayout(wide));
  try {
    const phase = { theta: wideTheta, moments: none, firstStep: 0, batches, signal };
    await assert.rejects(engine.trainInner(phase), (error) => {
      assert.ok(error instanceof OutOfMemoryError);
      assert.equal(error.code, "ENGINE_OUT_OF_MEMORY");
      assert.equal(error.data.requested, 2 ** 40);
      assert.ok(Number(error.data.needed) > 2 ** 40);
      return true;
    });
    const [loss] = await engine.sequenceLosses(wideTheta, [Int32Array.of(1, 2)], { signal });
    assert.ok(Number.isFinite(loss));
  } finally {
    await engine.close();
  }
});

test("generate, any temperature, gives as many tokens as asked and repeats with the seed", async () => {
  const engine = start();
  const prompt = Int32Array.of(1, 2, 3);
  const options = { length: 20, temperature: 1, seed: 5, signal };
  const tokens = await engine.generate(theta, prompt, options);
  assert.equal(tokens.length, 20);
  assert.deepEqual(await engine.generate(theta, prompt, options), tokens);
  const few = await engine.generate(theta, prompt, { ...options, choices: 7 });
  assert.ok(few.every((token) => token < 7));
  const [, , third] = tokens;
  const ended = await engine.generate(theta, prompt, { ...options, end: third });
  assert.deepEqual(ended, tokens.slice(0, tokens.indexOf(third)));
});

test("close, with a request under way, fails it and later ones with EngineFailedError", async () => {
  const engine = start();
  const phase = { theta, moments, firstStep: 0, batches: batchesOf(5000), signal };
  const failed = (error: unknown) => error instanceof EngineFailedError && error.code === "ENGINE_FAILED";
  const underway = assert.rejects(engine.trainInner(phase), failed);
  await engine.close();
  await underway;
  await assert.rejects(engine.sequenceLosses(theta, [], { signal }), failed);
});
