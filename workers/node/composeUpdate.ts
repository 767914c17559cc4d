import type { Hex } from "viem";
import { readHeader, writeHeader } from "../codec/header.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import { encodeUpdate } from "../codec/update.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { NeuronId } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { subtractSent } from "../training/errorFeedback.ts";
import { type Moments, type WorkerState, workerStateRoot } from "../training/workerState.ts";
import type { Run } from "./run.ts";
import type { ModelState } from "./stateContent.ts";

/** What of a run decides an update's bytes. */
export type UpdateRun = Pick<Run, "specs" | "manifestHash"> & {
  readonly manifest: Pick<RunManifest, "compression">;
};

/** What is compressed: values per tensor in manifest order, finite, and the moments after the round. */
export interface Offered {
  readonly values: Tensors;
  readonly moments: Moments;
}

/** An update in plain bytes and the worker state that follows it. */
export interface ComposedUpdate {
  readonly bytes: Uint8Array;
  /** As decoders see them. */
  readonly tensors: readonly SparseTensor[];
  readonly after: WorkerState;
  readonly afterRoot: Hex;
}

/** Roots of the states that updates led to, which nobody changes: hashing one takes 12 bytes a parameter. */
const knownRoots = new WeakMap<WorkerState, Hex>();

/**
 * Compresses what a policy offers. What compression leaves out stays in the error feedback, to the bit as decoders see
 * it. The header names the worker state after the round, which is only known once the tensors are encoded: it is
 * written over the first one.
 * @param machine `machineHash` of what trained: the state after the round says so
 * @throws CodecError for values that are not finite
 */
export function composeUpdate(
  run: UpdateRun,
  neuronId: NeuronId,
  state: Pick<ModelState, "round" | "root">,
  before: WorkerState,
  offer: Offered,
  machine?: Hex,
): ComposedUpdate {
  const stateBefore = knownRoots.get(before) ?? workerStateRoot(run.specs, before);
  const draft = {
    manifestHash: run.manifestHash,
    round: state.round,
    neuronId,
    parentRoot: state.root,
    stateBefore,
    stateAfter: stateBefore,
  };
  const { bytes, tensors } = encodeUpdate(draft, run.specs, offer.values, run.manifest.compression);
  const errorFeedback = offer.values.map((tensor) => tensor.slice());
  subtractSent(errorFeedback, tensors);
  const after = { errorFeedback, moments: offer.moments, ...(machine === undefined ? {} : { machine }) };
  const afterRoot = workerStateRoot(run.specs, after);
  knownRoots.set(after, afterRoot);
  writeHeader(bytes, { ...readHeader(bytes), header: { ...draft, stateAfter: afterRoot } });
  return { bytes, tensors, after, afterRoot };
}
