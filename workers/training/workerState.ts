import type { Hex } from "viem";
import { stateRoot } from "../protocol/stateRoot.ts";
import type { TensorSpec, Tensors } from "../protocol/tensors.ts";
import { zeros } from "../protocol/tensors.ts";

/** AdamW's memory, kept across rounds. */
export interface Moments {
  readonly first: Tensors;
  readonly second: Tensors;
  /** Steps since both were zero. */
  readonly steps: number;
}

/** What a miner carries from round to round besides the shared parameters. */
export interface WorkerState {
  readonly errorFeedback: Tensors;
  readonly moments: Moments;
}

/** The state a miner starts with, and returns to by a reset. */
export function zeroWorkerState(specs: readonly TensorSpec[]): WorkerState {
  return { errorFeedback: zeros(specs), moments: { first: zeros(specs), second: zeros(specs), steps: 0 } };
}

/**
 * Root of a worker's state (DESIGN §10): the Merkle tree of DESIGN §7 over, per tensor in manifest order, its error
 * feedback, first and second moment, and at the end the step count as one fp32 (exact below 2^24).
 */
export function workerStateRoot(specs: readonly TensorSpec[], state: WorkerState): Hex {
  const { errorFeedback, moments } = state;
  const tensors = specs.flatMap(({ name }, index) => [
    { name: `errorFeedback.${name}`, values: errorFeedback[index] },
    { name: `moment1.${name}`, values: moments.first[index] },
    { name: `moment2.${name}`, values: moments.second[index] },
  ]);
  return stateRoot([...tensors, { name: "steps", values: Float32Array.of(moments.steps) }]);
}
