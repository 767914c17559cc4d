import { initialState, uniform } from "../../workers/model/initialState.ts";
import type { ModelSettings, TrainingSettings } from "../../workers/protocol/manifest.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";

/** A llama small enough that a test trains it in milliseconds. */
export const tinyModel: ModelSettings = {
  family: "llama",
  vocab: 256,
  dim: 16,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  hidden: 24,
  sequenceLength: 12,
  tied: true,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
};

export const tinyTraining: TrainingSettings = {
  innerSteps: 3,
  batchSequences: 4,
  peakLearningRate: 1e-2,
  warmupSteps: 2,
  totalSteps: 100,
  minLearningRateRatio: 0.1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 1,
};

/** Bytes of a text with structure: each sequence counts up from a random start. */
export function countingSequences(count: number, length: number, seed: number): Int32Array {
  const random = uniform(seed);
  const tokens = new Int32Array(count * (length + 1));
  for (let sequence = 0; sequence < count; sequence++) {
    const start = Math.floor(random() * 64);
    for (let t = 0; t <= length; t++) tokens[sequence * (length + 1) + t] = (start + t) % 64;
  }
  return tokens;
}

/** A state away from the start, so that no gradient is tiny. */
export function lively(model: ModelSettings, seed: number): Tensors {
  return initialState(model, seed).map((tensor) =>
    tensor.map((value, index) => value * 5 + 0.05 * Math.sin(index * 1.7)),
  );
}
