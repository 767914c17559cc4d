import type { SparseTensor } from "./sparseTensor.ts";

/**
 * Share of kept positions that two updates keep with equal sign: over all tensors together, divided by the smaller
 * update's number of kept values. 0 when one of them keeps nothing. Symmetric; 1 for a copy.
 * Both updates follow the same manifest, so tensor t of one belongs to tensor t of the other.
 */
export function overlap(a: readonly SparseTensor[], b: readonly SparseTensor[]): number {
  const smaller = Math.min(keptOf(a), keptOf(b));
  if (smaller === 0) return 0;
  let shared = 0;
  for (let tensor = 0; tensor < a.length; tensor++) shared += sharedSigns(a[tensor], b[tensor]);
  return shared / smaller;
}

function keptOf(tensors: readonly SparseTensor[]): number {
  return tensors.reduce((sum, { positions }) => sum + positions.length, 0);
}

function sharedSigns(a: SparseTensor, b: SparseTensor): number {
  let shared = 0;
  let i = 0;
  let j = 0;
  while (i < a.positions.length && j < b.positions.length) {
    const ahead = a.positions[i] - b.positions[j];
    if (ahead === 0 && a.values[i] > 0 === b.values[j] > 0) shared += 1;
    if (ahead <= 0) i += 1;
    if (ahead >= 0) j += 1;
  }
  return shared;
}
