import type { SparseTensor } from "./sparseTensor.ts";

/**
 * Σ of the products of two updates' values at common positions, summed in fp64 in tensor and position order, so that all
 * machines find the same. An update's product with itself is its squared length.
 */
export function product(a: readonly SparseTensor[], b: readonly SparseTensor[]): number {
  return a.reduce((sum, tensor, index) => addProduct(sum, tensor, b[index]), 0);
}

/** The same sum, gone on with by one more tensor of both. */
export function addProduct(sum: number, { positions, values }: SparseTensor, other: SparseTensor): number {
  let total = sum;
  let j = 0;
  for (let i = 0; i < positions.length; i++) {
    while (j < other.positions.length && other.positions[j] < positions[i]) j += 1;
    if (other.positions[j] === positions[i]) total += values[i] * other.values[j];
  }
  return total;
}
