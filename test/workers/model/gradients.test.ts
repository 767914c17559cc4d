import assert from "node:assert/strict";
import { test } from "node:test";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { evaluationGraph, gradientGraph, port } from "../../../workers/model/graphs.ts";
import { uniform } from "../../../workers/model/initialState.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { type Provider, profileOf } from "../../../workers/onnx/profiles.ts";
import { openSession } from "../../../workers/onnx/session.ts";
import type { ModelSettings } from "../../../workers/protocol/manifest.ts";
import type { Tensors } from "../../../workers/protocol/tensors.ts";
import { lively, tinyModel } from "../../support/tinyModel.ts";

const BATCH = 3;
const STEPS = [2e-2, 5e-3, 2e-3, 5e-4];
const TOLERANCE = 1e-3;

const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, index) => sum + value * b[index], 0);

function feedsOf(model: ModelSettings, theta: Tensors, tokens: Int32Array): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {
    [port.tokens]: new Tensor("int32", tokens, [BATCH, model.sequenceLength + 1]),
  };
  for (const [index, { name, shape }] of parameterLayout(model).entries()) {
    feeds[port.parameter(name)] = new Tensor("float32", theta[index], shape);
  }
  return feeds;
}

async function floats(session: InferenceSession, feeds: Record<string, Tensor>, name: string) {
  const { data } = (await session.run(feeds, [name]))[name];
  assert.ok(data instanceof Float32Array);
  return Float64Array.from(data);
}

/** Directions that expose errors along the gradient, in random halves of it, and across it. */
function directions(gradient: Float64Array, random: () => number): Float64Array[] {
  const halves = [0, 1].map(() => gradient.map((value) => (random() < 0.5 ? value : 0)));
  const across = gradient.map(() => random() - 0.5);
  return [gradient, ...halves, across].map((direction) => {
    const length = norm(direction);
    return direction.map((value) => value / length);
  });
}

const bare = { tied: true, kvHeads: 2, provider: "cpu", maxScores: 1 << 24, ignoring: false } as const;
const cases: readonly {
  readonly tied: boolean;
  readonly kvHeads: number;
  readonly provider: Provider;
  readonly maxScores: number;
  readonly ignoring: boolean;
}[] = [
  ...[true, false].flatMap((tied) => [4, 2, 1].map((kvHeads) => ({ ...bare, tied, kvHeads }))),
  { ...bare, provider: "cuda", tied: false },
  { ...bare, provider: "webgpu" },
  { ...bare, provider: "webgpu", tied: false, kvHeads: 1 },
  { ...bare, ignoring: true },
  { ...bare, provider: "webgpu", ignoring: true },
  // 3 sequences · 4 heads · 12 keys: chunks of 4 queries.
  { ...bare, maxScores: 3 * 4 * 12 * 4 },
  { ...bare, maxScores: 3 * 4 * 12 * 4, provider: "webgpu", kvHeads: 4 },
];
for (const { tied, kvHeads, provider, maxScores, ignoring } of cases) {
  const variant = `${tied ? "tied" : "untied"}, ${kvHeads} of 4 key heads, ${provider} operators`;
  const notes = `${maxScores < bare.maxScores ? ", in chunks" : ""}${ignoring ? ", ignored positions" : ""}`;
  test(`gradientGraph, ${variant}${notes}, equals finite differences`, async () => {
    const model = { ...tinyModel, vocab: 23, tied, kvHeads };
    const theta = lively(model, 7);
    const tokens = Int32Array.from({ length: BATCH * (model.sequenceLength + 1) }, (_, i) => {
      const token = (i * 7 + ((i * i) % 5)) % model.vocab;
      return ignoring && i % 3 === 1 ? -1 - token : token;
    });
    const profile = profileOf(provider, { maxScores });
    const gradients = await openSession(gradientGraph(model, BATCH, profile), {
      threads: 1,
      provider: "cpu",
    });
    const evaluation = await openSession(evaluationGraph(model, BATCH, profile), {
      threads: 1,
      provider: "cpu",
    });
    const feeds = feedsOf(model, theta, tokens);
    const counted = (row: number) => {
      const width = model.sequenceLength + 1;
      return tokens.subarray(row * width + 1, (row + 1) * width).filter((token) => token >= 0).length;
    };
    const weights = Array.from({ length: BATCH }, (_, row) => counted(row));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const random = uniform(11);

    for (const [index, { name }] of parameterLayout(model).entries()) {
      const gradient = await floats(gradients, feeds, port.gradient(name));
      const values = theta[index];
      const start = values.slice();
      const lossAt = async (direction: Float64Array, step: number) => {
        values.forEach((_, i) => {
          values[i] = start[i] + step * direction[i];
        });
        const losses = await floats(evaluation, feeds, port.losses);
        values.set(start);
        return losses.reduce((sum, loss, row) => sum + loss * weights[row], 0) / total;
      };
      for (const [which, direction] of directions(gradient, random).entries()) {
        const expected = dot(gradient, direction);
        let error = Number.POSITIVE_INFINITY;
        for (const step of STEPS) {
          // Central differences of fourth order; the best step balances truncation against fp32 rounding.
          const near = (await lossAt(direction, step)) - (await lossAt(direction, -step));
          const far = (await lossAt(direction, 2 * step)) - (await lossAt(direction, -2 * step));
          const measured = (8 * near - far) / (12 * step);
          error = Math.min(error, Math.abs(measured - expected) / norm(gradient));
        }
        assert.ok(error <= TOLERANCE, `${name}, direction ${which}: relative error ${error}`);
      }
    }
  });
}
