import { parameterLayout } from "../../workers/model/layout.ts";
import type { ModelSettings } from "../../workers/protocol/manifest.ts";
import { sizeOf, type Tensors } from "../../workers/protocol/tensors.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";
import type { TimedModel } from "./models.ts";

/** H of the default run: a round's overhead is set against so many steps. */
export const INNER_STEPS = 30;

/** Values of the size of a fresh model's, made in a moment: drawing a thousand million normal numbers takes a minute. */
export function patternedState(model: ModelSettings, seed: number): Tensors {
  const pattern = Float32Array.from(
    { length: 8191 },
    (_, index) => 0.03 * Math.sin((index + 1) * seed * 1.618),
  );
  return parameterLayout(model).map((spec) => {
    const values = new Float32Array(sizeOf(spec));
    if (spec.role === "norm") return values.fill(1);
    values.set(pattern.subarray(0, values.length));
    for (let filled = pattern.length; filled < values.length; filled *= 2) {
      values.copyWithin(filled, 0, Math.min(filled, values.length - filled));
    }
    return values;
  });
}

/** A trainer's task without its batches; the trainer uses its state up. */
export function freshTask(model: ModelSettings) {
  const { moments } = zeroWorkerState(parameterLayout(model));
  return { kind: "train", theta: patternedState(model, 1), moments, firstStep: 0 } as const;
}

/** Tokens of so many steps. */
export function batchesOf({ model, batchSequences }: TimedModel, count: number): Int32Array[] {
  const size = batchSequences * (model.sequenceLength + 1);
  return Array.from({ length: count }, (_, step) =>
    Int32Array.from(
      { length: size },
      (_, index) => (index * 7 + step * 3 + ((index * index) % 13)) % model.vocab,
    ),
  );
}

/** The middle value, the upper of two. */
export function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
