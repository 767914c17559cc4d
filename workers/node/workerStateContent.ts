import type { Hex } from "viem";
import type { TensorSpec } from "../protocol/tensors.ts";
import { refFor } from "../storage/contentRef.ts";
import type { ContentStore } from "../storage/contentStore.ts";
import {
  indexBytes,
  indexSize,
  parseIndex,
  parseTensorState,
  type TensorState,
  tensorStateBytes,
  type WorkerState,
  type WorkerStateIndex,
} from "../training/workerState.ts";

/** Puts a worker state where everybody who knows its root finds it: its tensors, then the index. @throws as `put` */
export async function publishWorkerState(
  store: ContentStore,
  specs: readonly TensorSpec[],
  state: WorkerState,
  signal: AbortSignal,
): Promise<void> {
  for (let index = 0; index < specs.length; index++)
    await store.put(tensorStateBytes(state, index), { signal });
  await store.put(indexBytes(specs, state), { signal });
}

/** The index under a root that stands in an update's header. @throws as `ContentStore.get` */
export async function fetchIndex(
  store: ContentStore,
  specs: readonly TensorSpec[],
  root: Hex,
  signal: AbortSignal,
): Promise<WorkerStateIndex> {
  const size = indexSize(specs);
  return parseIndex(specs, await store.get(refFor(root, size), { maxBytes: size, signal }));
}

/** One tensor's part of a state. @throws as `ContentStore.get` */
export async function fetchTensorState(
  store: ContentStore,
  spec: TensorSpec,
  index: WorkerStateIndex,
  position: number,
  signal: AbortSignal,
): Promise<TensorState> {
  const ref = index.tensors[position];
  return parseTensorState(spec, await store.get(ref, { maxBytes: ref.size, signal }));
}

/** The whole state under an index: 12 bytes a parameter, checked against the index as it is read. @throws as `get` */
export async function fetchWorkerState(
  store: ContentStore,
  specs: readonly TensorSpec[],
  index: WorkerStateIndex,
  signal: AbortSignal,
): Promise<WorkerState> {
  const tensors: TensorState[] = [];
  for (const [position, spec] of specs.entries())
    tensors.push(await fetchTensorState(store, spec, index, position, signal));
  return {
    errorFeedback: tensors.map(({ errorFeedback }) => errorFeedback),
    moments: {
      first: tensors.map(({ first }) => first),
      second: tensors.map(({ second }) => second),
      steps: index.steps,
    },
    ...(index.machine === undefined ? {} : { machine: index.machine }),
  };
}
