import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "onnxruntime-node";
import { gradientGraph, port } from "../../../workers/model/graphs.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { trainStepGraph } from "../../../workers/model/trainingGraphs.ts";
import { openSession } from "../../../workers/onnx/session.ts";
import type { TrainingSettings } from "../../../workers/protocol/manifest.ts";
import type { Tensors } from "../../../workers/protocol/tensors.ts";
import { countingSequences, lively, tinyModel, tinyTraining } from "../../support/tinyModel.ts";

const layout = parameterLayout(tinyModel);

/** AdamW written plainly in fp64: the reference for the graph. */
function referenceStep(
  training: TrainingSettings,
  state: { theta: Float64Array[]; first: Float64Array[]; second: Float64Array[] },
  gradients: Float64Array[],
  step: number,
  learningRate: number,
): void {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = training;
  const norm = Math.sqrt(gradients.flatMap((g) => [...g]).reduce((sum, g) => sum + g * g, 0));
  const clip = Math.min(1, clipNorm / (norm + 1e-6));
  for (const [tensor, { role }] of layout.entries()) {
    for (const [i, raw] of gradients[tensor].entries()) {
      const g = raw * clip;
      state.first[tensor][i] = beta1 * state.first[tensor][i] + (1 - beta1) * g;
      state.second[tensor][i] = beta2 * state.second[tensor][i] + (1 - beta2) * g * g;
      const m = state.first[tensor][i] / (1 - beta1 ** step);
      const v = state.second[tensor][i] / (1 - beta2 ** step);
      const decay = role === "norm" ? 0 : weightDecay * state.theta[tensor][i];
      state.theta[tensor][i] -= learningRate * (m / (Math.sqrt(v) + epsilon) + decay);
    }
  }
}

for (const clipNorm of [0.5, 1000]) {
  test(`trainStepGraph, clip at ${clipNorm}, follows a plain AdamW for three steps`, async () => {
    const training = { ...tinyTraining, clipNorm };
    const step = await openSession(trainStepGraph(tinyModel, training), { threads: 1 });
    const gradient = await openSession(gradientGraph(tinyModel, training.batchSequences), { threads: 1 });
    const theta = lively(tinyModel, 9);
    const zeros = (): Tensors => layout.map((_, index) => new Float32Array(theta[index].length));
    let state: { theta: Tensors; first: Tensors; second: Tensors } = {
      theta,
      first: zeros(),
      second: zeros(),
    };
    const reference = {
      theta: theta.map((values) => Float64Array.from(values)),
      first: zeros().map((values) => Float64Array.from(values)),
      second: zeros().map((values) => Float64Array.from(values)),
    };
    const learningRate = 3e-3;
    const scalar = (value: number) => new Tensor("float32", Float32Array.of(value), []);

    for (let t = 1; t <= 3; t++) {
      const shape = [training.batchSequences, tinyModel.sequenceLength + 1];
      const data = countingSequences(training.batchSequences, tinyModel.sequenceLength, t);
      const feeds: Record<string, Tensor> = { [port.tokens]: new Tensor("int32", data, shape) };
      for (const [index, spec] of layout.entries()) {
        feeds[port.parameter(spec.name)] = new Tensor("float32", state.theta[index], spec.shape);
      }
      const g = await gradient.run(feeds);
      for (const [index, spec] of layout.entries()) {
        feeds[port.moment1(spec.name)] = new Tensor("float32", state.first[index], spec.shape);
        feeds[port.moment2(spec.name)] = new Tensor("float32", state.second[index], spec.shape);
      }
      const results = await step.run({
        ...feeds,
        [port.learningRate]: scalar(learningRate),
        [port.correction1]: scalar(1 / (1 - training.beta1 ** t)),
        [port.correction2]: scalar(1 / (1 - training.beta2 ** t)),
      });
      const values = (name: string, from: typeof results) => {
        const { data: floats } = from[name];
        assert.ok(floats instanceof Float32Array);
        return floats;
      };
      const gradients = layout.map(({ name }) => Float64Array.from(values(port.gradient(name), g)));
      referenceStep(training, reference, gradients, t, learningRate);
      state = {
        theta: layout.map(({ name }) => values(port.nextParameter(name), results)),
        first: layout.map(({ name }) => values(port.nextMoment1(name), results)),
        second: layout.map(({ name }) => values(port.nextMoment2(name), results)),
      };
      for (const [index, { name }] of layout.entries()) {
        for (const part of ["theta", "first", "second"] as const) {
          const largest = reference[part][index].reduce((max, value) => Math.max(max, Math.abs(value)), 0);
          const error = state[part][index].reduce(
            (max, value, i) => Math.max(max, Math.abs(value - reference[part][index][i])),
            0,
          );
          assert.ok(error <= 1e-4 * largest + 1e-9, `${part} of ${name}, step ${t}: ${error} of ${largest}`);
        }
      }
    }
  });
}
