import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { clipFactors, lowerMedianNorms, type PerTensor, tensorNorms } from "./clipping.ts";

export type OuterSettings = Pick<RunManifest["outer"], "learningRate" | "averaging">;

/**
 * The outer step over a gather set, one update after another, the same to the bit on every machine (DESIGN §7). Each update
 * is clipped per tensor to the lower median norm; clipped values are summed in the order given with fround after every
 * addition, divided by the number of updates ("gathered") or by how many sent the coordinate ("contributors"), and
 * θ ← fround(θ − fround(learningRate · mean)). No update leaves θ as it is.
 *
 * It holds one sum (and one count) per parameter, however many updates there are: norms first, `tensorNorms` of each, then
 * the updates themselves.
 */
export class OuterStep {
  readonly #theta: Tensors;
  readonly #settings: OuterSettings;
  readonly #factors: readonly PerTensor[];
  readonly #sums: readonly Float32Array[];
  readonly #contributors: readonly Uint16Array[] | undefined;

  /** @param norms of each update, in ascending uid order */
  constructor(theta: Tensors, norms: readonly PerTensor[], settings: OuterSettings) {
    this.#theta = theta;
    this.#settings = settings;
    const limits = lowerMedianNorms(norms, theta.length);
    this.#factors = norms.map((norm) => clipFactors(norm, limits));
    this.#sums = theta.map(({ length }) => new Float32Array(length));
    this.#contributors =
      settings.averaging === "contributors" ? theta.map(({ length }) => new Uint16Array(length)) : undefined;
  }

  /** Adds the update whose norms stand at `index`; updates come in that order, each once. */
  add(index: number, update: readonly SparseTensor[]): void {
    const factors = this.#factors[index];
    for (const [tensor, sparse] of update.entries())
      addClipped(this.#sums[tensor], sparse, factors[tensor], this.#contributors?.[tensor]);
  }

  /** θ after the step. */
  finish(): Tensors {
    const { learningRate } = this.#settings;
    const count = this.#factors.length;
    if (count === 0) return this.#theta.map((tensor) => tensor.slice());
    return this.#theta.map((tensor, index) =>
      descend(tensor, this.#sums[index], this.#contributors?.[index] ?? count, learningRate),
    );
  }
}

/** The outer step over updates that are all at hand: in ascending uid order, each with one sparse tensor per tensor of θ. */
export function outerStep(
  theta: Tensors,
  updates: readonly (readonly SparseTensor[])[],
  settings: OuterSettings,
): Tensors {
  const step = new OuterStep(theta, updates.map(tensorNorms), settings);
  for (const [index, update] of updates.entries()) step.add(index, update);
  return step.finish();
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
  return tensor.map((value, position) => {
    const count = typeof counts === "number" ? counts : Math.max(counts[position], 1);
    const mean = Math.fround(sum[position] / count);
    return value - Math.fround(learningRate * mean);
  });
}
