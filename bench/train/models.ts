import { defaultRunSettings } from "../../workers/model/defaults.ts";
import type { ModelSettings, TrainingSettings } from "../../workers/protocol/manifest.ts";

/** A model with the batch it is timed at. */
export interface TimedModel {
  readonly name: string;
  readonly model: ModelSettings;
  readonly batchSequences: number;
}

const llama = { family: "llama", tied: true, ropeTheta: 10_000, normEpsilon: 1e-5 } as const;

/** Sizes whose figures stand in docs/benchmarks.md; the larger ones are for GPUs. */
export const timedModels: readonly TimedModel[] = [
  {
    name: "0.8M",
    model: {
      ...llama,
      vocab: 256,
      dim: 128,
      layers: 4,
      heads: 4,
      kvHeads: 2,
      hidden: 352,
      sequenceLength: 128,
    },
    batchSequences: 16,
  },
  {
    name: "24M",
    model: {
      ...llama,
      vocab: 4096,
      dim: 512,
      layers: 8,
      heads: 8,
      kvHeads: 4,
      hidden: 1376,
      sequenceLength: 256,
    },
    batchSequences: 8,
  },
  {
    name: "124M",
    model: {
      ...llama,
      vocab: 32_000,
      dim: 768,
      layers: 14,
      heads: 12,
      kvHeads: 4,
      hidden: 2048,
      sequenceLength: 1024,
    },
    batchSequences: 8,
  },
  {
    name: "1.1B",
    model: {
      ...llama,
      vocab: 32_000,
      dim: 2048,
      layers: 22,
      heads: 32,
      kvHeads: 4,
      hidden: 5632,
      sequenceLength: 2048,
      tied: false,
    },
    batchSequences: 2,
  },
];

/** Training settings of the default run at another batch and H. */
export function trainingOf(batchSequences: number, innerSteps: number): TrainingSettings {
  return { ...defaultRunSettings(1).training, batchSequences, innerSteps };
}
