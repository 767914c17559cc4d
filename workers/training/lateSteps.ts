import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";

/** A round's late steps are its inner steps divided by this, rounded up, unless the manifest says another number. */
const lateShare = 4;

/** The first rounds have none: there the others' updates move θ so far that steps from without them are lost. */
const firstLateRound = 4;

/** What of a manifest decides about late steps. */
export interface LateSettings {
  readonly overlap?: RunManifest["overlap"];
  readonly training: Pick<RunManifest["training"], "innerSteps" | "lateSteps">;
}

/**
 * Late steps of a round: how many of its inner steps, the first ones, run while the updates of the round before travel
 * (docs/protocol/overlap.md). 0 without overlap, and in the first rounds of a run.
 */
export function lateSteps({ overlap, training }: LateSettings, round: Round): number {
  if (overlap !== 1 || round < firstLateRound) return 0;
  return training.lateSteps ?? Math.ceil(training.innerSteps / lateShare);
}

/**
 * What stands in for θ while the updates of the round before travel: the state that round began with, moved by what a
 * miner's own update adds to it as one of a full gather set. fround(θ − fround(fround(rate / G) · value)) at its positions; where
 * contributors are averaged, G is 1.
 * @param from θ of the round before; left as it is
 * @param sent the miner's own update of it, as decoded
 */
export function standIn(
  from: Tensors,
  sent: readonly SparseTensor[],
  { learningRate, gatherSize, averaging }: RunManifest["outer"],
): Tensors {
  const share = Math.fround(learningRate / (averaging === "gathered" ? gatherSize : 1));
  return from.map((tensor, index) => {
    const moved = tensor.slice();
    const { positions, values } = sent[index];
    for (let i = 0; i < positions.length; i++) moved[positions[i]] -= Math.fround(share * values[i]);
    return moved;
  });
}

/** Where late steps have come to once θ takes its stand-in's place: fround(moved + fround(θ − stand-in)) per value. */
export function caughtUp(moved: Tensors, theta: Tensors, stoodIn: Tensors): Tensors {
  return moved.map((tensor, index) => {
    const [reached, stood] = [theta[index], stoodIn[index]];
    const result = new Float32Array(tensor.length);
    for (let at = 0; at < result.length; at++) result[at] = tensor[at] + Math.fround(reached[at] - stood[at]);
    return result;
  });
}
