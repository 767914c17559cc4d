import { Tensor } from "onnxruntime-node";
import { parameterFeeds } from "../model/feeds.ts";
import { gradientGraph, port } from "../model/graphs.ts";
import { initialState } from "../model/initialState.ts";
import { parameterLayout } from "../model/layout.ts";
import { Graph } from "../onnx/graph.ts";
import * as kernel from "../onnx/kernels.ts";
import { type Provider, profileOf } from "../onnx/profiles.ts";
import { openSession } from "../onnx/session.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { Device } from "./device.ts";
import { floats } from "./trainer.ts";

/** A model that goes through every operator in milliseconds. */
const checkModel: ModelSettings = {
  family: "llama",
  vocab: 256,
  dim: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  hidden: 96,
  sequenceLength: 32,
  tied: true,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
};
const checkBatch = 2;

/** Products of the speed probe, one after the other in one graph. */
const PROBE_PRODUCTS = 16;
const PROBE_RUNS = 4;

/**
 * ‖g − g_cpu‖ / ‖g_cpu‖, the largest over a small model's parameter tensors. A provider's kernel can be wrong without an
 * error: a result silently zero has been seen.
 */
export async function gradientError(device: Device): Promise<number> {
  const [expected, actual] = [await gradients({ provider: "cpu" }), await gradients(device)];
  const errors = expected.map((values, index) => {
    let [difference, size] = [0, 0];
    for (const [at, value] of values.entries()) {
      difference += (actual[index][at] - value) ** 2;
      size += value ** 2;
    }
    return Math.sqrt(difference / size);
  });
  // NaN must not pass for small.
  return errors.reduce((largest, error) => (error <= largest ? largest : error), 0);
}

async function gradients(device: Device): Promise<Float32Array[]> {
  const profile = profileOf(device.provider, device);
  const session = await openSession(gradientGraph(checkModel, checkBatch, profile), { threads: 1 });
  const specs = parameterLayout(checkModel);
  const width = checkModel.sequenceLength + 1;
  const tokens = Int32Array.from({ length: checkBatch * width }, (_, i) => (i * 7 + ((i * i) % 5)) % 256);
  const feeds = {
    ...parameterFeeds(checkModel, initialState(checkModel, 1)),
    [port.tokens]: new Tensor("int32", tokens, [checkBatch, width]),
  };
  const results = await session.run(feeds);
  return specs.map(({ name }) => floats(results[port.gradient(name)]));
}

/**
 * Floating-point operations a second in matrix products of the model's own size, copies from and to the host included:
 * a small model can be faster on the CPU than on any GPU.
 * @param rows tokens of a step
 * @param now milliseconds of a monotonic clock
 */
export async function productRate(
  device: Device,
  { rows, dim, threads }: { rows: number; dim: number; threads: number },
  now: () => number,
): Promise<number> {
  const graph = new Graph("probe", profileOf(device.provider, device));
  const start = graph.input("start", [rows, dim]);
  const weight = graph.input("weight", [dim, dim]);
  let value = start;
  for (let index = 0; index < PROBE_PRODUCTS; index++) {
    value = kernel.matrixProduct(graph, value, weight, false, false);
  }
  graph.output(kernel.sumRows(graph, value), "sums");
  const session = await openSession(graph, { threads });
  const feeds = {
    start: new Tensor("float32", new Float32Array(rows * dim).fill(1e-3), [rows, dim]),
    weight: new Tensor("float32", new Float32Array(dim * dim).fill(1 / dim), [dim, dim]),
  };
  await session.run(feeds);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < PROBE_RUNS; run++) {
    const begin = now();
    await session.run(feeds);
    best = Math.min(best, now() - begin);
  }
  return (2 * rows * dim * dim * PROBE_PRODUCTS) / (best / 1000);
}

/** Largest gradient error by which a provider still counts as right: fp32 in another order, TF32 or 16-bit products. */
export function toleratedError(device: {
  readonly provider: Provider;
  readonly halfProducts?: boolean;
}): number {
  if (device.halfProducts) return 3e-2;
  return device.provider === "cuda" ? 3e-3 : 1e-4;
}
