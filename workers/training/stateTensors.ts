import { Tensor } from "onnxruntime-node";
import { port } from "../model/graphs.ts";
import { sizeOf, type TensorSpec, type Tensors } from "../protocol/tensors.ts";
import type { TrainTask } from "./engineMessages.ts";
import { floats } from "./trainer.ts";
import type { Moments } from "./workerState.ts";

/** Parameters and both moments as onnxruntime sees them, in manifest order. */
export interface StateTensors {
  readonly parameters: readonly Tensor[];
  readonly moments1: readonly Tensor[];
  readonly moments2: readonly Tensor[];
}

/** The task's state, without a copy. */
export function stateOf(specs: readonly TensorSpec[], { theta, moments }: TrainTask): StateTensors {
  const wrap = (values: Tensors) =>
    specs.map(({ shape }, index) => new Tensor("float32", values[index], shape));
  return { parameters: wrap(theta), moments1: wrap(moments.first), moments2: wrap(moments.second) };
}

export function emptyTensors(specs: readonly TensorSpec[]): Tensor[] {
  return specs.map((spec) => new Tensor("float32", new Float32Array(sizeOf(spec)), spec.shape));
}

export function emptyState(specs: readonly TensorSpec[]): StateTensors {
  return {
    parameters: emptyTensors(specs),
    moments1: emptyTensors(specs),
    moments2: emptyTensors(specs),
  };
}

/** The state under the names that graphs take it by. */
export function stateFeeds(specs: readonly TensorSpec[], state: StateTensors): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [index, { name }] of specs.entries()) {
    feeds[port.parameter(name)] = state.parameters[index];
    feeds[port.moment1(name)] = state.moments1[index];
    feeds[port.moment2(name)] = state.moments2[index];
  }
  return feeds;
}

/** Names that graphs give the next state by. */
export function nextNames(specs: readonly TensorSpec[]): string[] {
  return specs.flatMap(({ name }) => [
    port.nextParameter(name),
    port.nextMoment1(name),
    port.nextMoment2(name),
  ]);
}

/** Where a run is to write the next state. */
export function nextFetches(specs: readonly TensorSpec[], state: StateTensors): Record<string, Tensor> {
  const fetches: Record<string, Tensor> = {};
  for (const [index, { name }] of specs.entries()) {
    fetches[port.nextParameter(name)] = state.parameters[index];
    fetches[port.nextMoment1(name)] = state.moments1[index];
    fetches[port.nextMoment2(name)] = state.moments2[index];
  }
  return fetches;
}

/** The next state out of a run's results. */
export function nextState(
  specs: readonly TensorSpec[],
  results: Readonly<Record<string, Tensor>>,
): StateTensors {
  return {
    parameters: specs.map(({ name }) => results[port.nextParameter(name)]),
    moments1: specs.map(({ name }) => results[port.nextMoment1(name)]),
    moments2: specs.map(({ name }) => results[port.nextMoment2(name)]),
  };
}

/** What a finished inner phase leaves: `state` on the host after `steps` steps since the moments were zero. */
export function resultOf(state: StateTensors, steps: number): { theta: Tensors; moments: Moments } {
  return {
    theta: state.parameters.map(floats),
    moments: { first: state.moments1.map(floats), second: state.moments2.map(floats), steps },
  };
}
