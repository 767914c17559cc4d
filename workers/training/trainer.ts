import { Tensor } from "onnxruntime-node";
import { port } from "../model/graphs.ts";
import type { Profile } from "../onnx/profiles.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import { DivergedError } from "./engineErrors.ts";
import type { TrainResult, TrainTask } from "./engineMessages.ts";
import { learningRateAt } from "./schedule.ts";

/** What every trainer is opened with. */
export interface TrainerSettings {
  readonly model: ModelSettings;
  readonly training: TrainingSettings;
  readonly threads: number;
  readonly profile: Profile;
}

/**
 * The inner loop on one device: one AdamW step per batch from host arrays to host arrays. Where the state lives between
 * steps is its own affair. Blocks its thread during a run of its graph.
 */
export interface Trainer {
  /**
   * @returns `undefined` when `aborted` answered yes before a run
   * @throws DivergedError
   */
  train(
    task: TrainTask,
    aborted: () => boolean,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainResult | undefined>;
}

/** What a step needs besides state and tokens. */
export interface StepScalars {
  readonly learningRate: number;
  readonly correction1: number;
  readonly correction2: number;
}

/** Scalars of the task's step `index`. */
export function scalarsAt(task: TrainTask, index: number, training: TrainingSettings): StepScalars {
  const { beta1, beta2 } = training;
  const momentStep = task.moments.steps + index + 1;
  return {
    learningRate: learningRateAt(task.firstStep + index, training),
    correction1: 1 / (1 - beta1 ** momentStep),
    correction2: 1 / (1 - beta2 ** momentStep),
  };
}

export function scalarFeeds({ learningRate, correction1, correction2 }: StepScalars): Record<string, Tensor> {
  return {
    [port.learningRate]: scalar(learningRate),
    [port.correction1]: scalar(correction1),
    [port.correction2]: scalar(correction2),
  };
}

export function scalar(value: number): Tensor {
  return new Tensor("float32", Float32Array.of(value), []);
}

/** @throws DivergedError unless the loss is a number */
export function checkLoss(step: number, loss: number): void {
  if (!Number.isFinite(loss)) throw new DivergedError(step, loss);
}

/** The values of a fp32 tensor on the host. */
export function floats(tensor: { readonly data: unknown }): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError("expected a fp32 tensor");
  return tensor.data;
}
