import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";

/** A round's late steps are its inner steps divided by this, rounded up. */
const lateShare = 4;

/**
 * Late steps of a round: how many of its inner steps, the first ones, run while the updates of the round before travel
 * (docs/protocol/overlap.md). 0 without overlap.
 */
export function lateSteps({
  overlap,
  training,
}: {
  readonly overlap?: RunManifest["overlap"];
  readonly training: Pick<RunManifest["training"], "innerSteps">;
}): number {
  return overlap === 1 ? Math.ceil(training.innerSteps / lateShare) : 0;
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
  return moved.map((tensor, index) =>
    tensor.map((value, place) => value + Math.fround(theta[index][place] - stoodIn[index][place])),
  );
}
