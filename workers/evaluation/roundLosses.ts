import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { NeuronId } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { clipFactors, type PerTensor, tensorNorms } from "../training/clipping.ts";
import { applySparse, revert } from "../training/trialStep.ts";
import { type LossFunction, type LossPair, meanLoss } from "./lossScore.ts";

/** An update to measure, with the sequences that its miner was assigned. */
export interface MeasuredUpdate {
  readonly neuronId: NeuronId;
  readonly tensors: readonly SparseTensor[];
  readonly ownSequences: readonly Int32Array[];
}

/** What an update did to the loss on its miner's sequences and on random ones. */
export interface MeasuredLosses {
  readonly own: LossPair;
  readonly random: LossPair;
}

/** What all updates of a round are measured against. */
export interface Yardstick {
  /** θ_r, left as it is. */
  readonly theta: Tensors;
  readonly randomSequences: readonly Int32Array[];
  /** Norm per tensor to which every update is clipped. */
  readonly caps: PerTensor;
  /** Share of the clipped update that is applied. */
  readonly evalStep: number;
}

/**
 * Losses before and after each update, in the order given. The losses before are computed in one call for all of
 * them; trying an update costs O(its non-zeros) beside the losses.
 */
export async function measureUpdates(
  updates: readonly MeasuredUpdate[],
  { theta, randomSequences, caps, evalStep }: Yardstick,
  losses: LossFunction,
  signal: AbortSignal,
): Promise<Map<NeuronId, MeasuredLosses>> {
  const measured = new Map<NeuronId, MeasuredLosses>();
  if (updates.length === 0) return measured;
  const scratch = theta.map((tensor) => tensor.slice());
  const shared = randomSequences.length;
  const all = [...randomSequences, ...updates.flatMap(({ ownSequences }) => ownSequences)];
  const base = await losses(scratch, all, signal);
  const randomBefore = meanLoss(base.subarray(0, shared));

  let offset = shared;
  for (const { neuronId, tensors, ownSequences } of updates) {
    const overwritten = applySparse(scratch, tensors, clipFactors(tensorNorms(tensors), caps), evalStep);
    const after = await losses(scratch, [...randomSequences, ...ownSequences], signal);
    revert(scratch, tensors, overwritten);
    measured.set(neuronId, {
      own: {
        before: meanLoss(base.subarray(offset, offset + ownSequences.length)),
        after: meanLoss(after.subarray(shared)),
      },
      random: { before: randomBefore, after: meanLoss(after.subarray(0, shared)) },
    });
    offset += ownSequences.length;
  }
  return measured;
}
