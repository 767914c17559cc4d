import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { aligned } from "./alignment.ts";
import { clipFactor, lowerMedianNorm, tensorNorm } from "./clipping.ts";
import { HeldTensors, inMemory, type TensorSource } from "./tensorSource.ts";

export type OuterSettings = Pick<RunManifest["outer"], "learningRate" | "averaging" | "alignment">;

/**
 * θ after the updates of a gather set, the same to the bit on every machine (DESIGN §7). Where the settings name an
 * alignment, updates below it are left out as if they had not been gathered. Each update is clipped per tensor to the lower
 * median norm; clipped values are summed in the order given with fround after every addition, divided by the number of
 * updates ("gathered") or by how many sent the coordinate ("contributors"), and θ ← fround(θ − fround(learningRate · mean)).
 * No update leaves θ as it is.
 * @param gathered in ascending uid order, each with one sparse tensor per tensor of θ
 */
export function outerStep(
  theta: Tensors,
  gathered: readonly (readonly SparseTensor[])[],
  settings: OuterSettings,
): Tensors {
  return streamedOuterStep(theta, gathered.map(inMemory), settings).theta;
}

/** θ after a gather set, and the places of the updates that were added to it: all but those that go against the others. */
export interface OuterStep {
  readonly theta: Tensors;
  readonly added: readonly number[];
}

/**
 * The same of updates whose tensors are decoded when they are needed: besides θ, its successor and what the sources keep it
 * holds the sums of one tensor and `heldBytes` of decoded values, whatever the number of updates. A tensor is decoded once
 * for the alignment and once for the sum, and again for each `heldBytes` that all updates' values exceed.
 * @param heldBytes as many as θ's unless given
 */
export function streamedOuterStep(
  theta: Tensors,
  gathered: readonly TensorSource[],
  settings: OuterSettings,
  heldBytes = theta.reduce((sum, { byteLength }) => sum + byteLength, 0),
): OuterStep {
  const { alignment, averaging, learningRate } = settings;
  const added =
    alignment === undefined
      ? gathered.map((_, place) => place)
      : aligned(gathered, theta.length, alignment, heldBytes);
  const updates = added.map((place) => gathered[place]);
  if (updates.length === 0) return { theta: theta.map((tensor) => tensor.slice()), added };
  const next = theta.map((tensor, index) => {
    const held = new HeldTensors(updates, index, heldBytes);
    const norms = Float32Array.from(updates, (_, place) => tensorNorm(held.at(place)));
    const limit = lowerMedianNorm(norms);
    const sum = new Float32Array(tensor.length);
    const contributors = averaging === "contributors" ? new Uint16Array(tensor.length) : undefined;
    for (const [place, norm] of norms.entries()) {
      addClipped(sum, held.at(place), clipFactor(norm, limit), contributors);
    }
    return descend(tensor, sum, contributors ?? updates.length, learningRate);
  });
  return { theta: next, added };
}

/** sum ← fround(sum + fround(factor · value)) at an update's positions. */
function addClipped(
  sum: Float32Array,
  { positions, values }: SparseTensor,
  factor: number,
  contributors: Uint16Array | undefined,
): void {
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i];
    sum[position] += Math.fround(factor * values[i]);
    if (contributors !== undefined) contributors[position]++;
  }
}

/** fround(θ − fround(learningRate · fround(sum / count))) per value; a coordinate nobody sent stays. */
function descend(
  tensor: Float32Array,
  sum: Float32Array,
  counts: Uint16Array | number,
  learningRate: number,
): Float32Array {
  const next = new Float32Array(tensor.length);
  for (let i = 0; i < next.length; i++) {
    const count = typeof counts === "number" ? counts : Math.max(counts[i], 1);
    const mean = Math.fround(sum[i] / count);
    next[i] = tensor[i] - Math.fround(learningRate * mean);
  }
  return next;
}
