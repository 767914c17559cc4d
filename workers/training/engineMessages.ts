import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { Device } from "./device.ts";
import type { Moments } from "./workerState.ts";

/** What the engine's thread is started with. */
export interface EngineData {
  readonly model: ModelSettings;
  readonly training: TrainingSettings;
  readonly threads: number;
  /** Sequences evaluated in one run of the graph. */
  readonly evaluationBatch: number;
  readonly device: Device;
}

export interface TrainTask {
  readonly kind: "train";
  readonly theta: Tensors;
  readonly moments: Moments;
  /** Index in the run of the first step, from 0: decides the learning rates. */
  readonly firstStep: number;
  readonly batches: readonly Int32Array[];
}

export interface EvaluateTask {
  readonly kind: "evaluate";
  readonly theta: Tensors;
  readonly sequences: readonly Int32Array[];
}

export interface GenerateTask {
  readonly kind: "generate";
  readonly theta: Tensors;
  readonly prompt: Int32Array;
  readonly length: number;
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  readonly seed: number;
  /** Ids from 0 on that may be written. */
  readonly choices: number;
  readonly end: number | undefined;
}

export type EngineTask = TrainTask | EvaluateTask | GenerateTask;

/** A task on its way to the thread. `aborted[0]` becomes 1 when the caller has lost interest. */
export interface EngineRequest {
  readonly id: number;
  readonly task: EngineTask;
  readonly aborted: Int32Array;
}

export interface TrainResult {
  readonly theta: Tensors;
  readonly moments: Moments;
  /** Mean loss of each step's batch before the step, nats per token. */
  readonly losses: Float64Array;
}

export type EngineReply =
  | { readonly id: number; readonly kind: "step"; readonly step: number; readonly loss: number }
  | { readonly id: number; readonly kind: "trained"; readonly result: TrainResult }
  | { readonly id: number; readonly kind: "evaluated"; readonly losses: Float64Array }
  | { readonly id: number; readonly kind: "generated"; readonly tokens: Int32Array }
  | { readonly id: number; readonly kind: "aborted" }
  | { readonly id: number; readonly kind: "diverged"; readonly step: number; readonly loss: number }
  | {
      readonly id: number;
      readonly kind: "outOfMemory";
      readonly requested: number | undefined;
      readonly problem: string;
    }
  | { readonly id: number; readonly kind: "failed"; readonly problem: string };
