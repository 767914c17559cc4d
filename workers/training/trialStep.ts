import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { PerTensor } from "./clipping.ts";

/** What a trial step overwrote: per tensor, the values at the update's positions. */
export type Overwritten = readonly Float32Array[];

/**
 * θ' = θ − step · factor · update in place, at the update's positions only: fround(θ − step · fround(factor · value)).
 * Costs as much as the update has values, not as θ has.
 * @returns what `revert` needs
 */
export function applySparse(
  theta: Tensors,
  update: readonly SparseTensor[],
  factors: PerTensor,
  step: number,
): Overwritten {
  return update.map(({ positions, values }, index) => {
    const tensor = theta[index];
    const before = new Float32Array(positions.length);
    for (let i = 0; i < positions.length; i++) {
      const position = positions[i];
      before[i] = tensor[position];
      tensor[position] -= step * Math.fround(factors[index] * values[i]);
    }
    return before;
  });
}

/** Undoes `applySparse` of the same update, to the bit. */
export function revert(theta: Tensors, update: readonly SparseTensor[], overwritten: Overwritten): void {
  for (const [index, { positions }] of update.entries()) {
    for (let i = 0; i < positions.length; i++) theta[index][positions[i]] = overwritten[index][i];
  }
}
