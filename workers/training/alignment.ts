import { product } from "../codec/product.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";

type Update = readonly SparseTensor[];

/** Below this usual alignment a round's updates tell nothing about one another, and none is left out. */
const leastUsual = 0.05;

/**
 * Places of the updates that go along with the others, ascending. An update's alignment is the upper median of its
 * cosines with each of the others; those below `least` times the lower median alignment are left out. So a minority,
 * also one that agrees with itself, neither stays in nor puts others out. All machines find
 * the same. O(n² · non-zeros).
 * @param least 0 to 1
 */
export function aligned(updates: readonly Update[], least: number): number[] {
  const everybody = updates.map((_, place) => place);
  if (updates.length < 3) return everybody;
  const lengths = updates.map((update) => Math.sqrt(product(update, update)));
  const cosines = updates.map(() => new Float64Array(updates.length));
  for (const [a, update] of updates.entries()) {
    for (let b = a + 1; b < updates.length; b++) {
      const cosine = product(update, updates[b]) / (lengths[a] * lengths[b]);
      cosines[a][b] = cosines[b][a] = Number.isFinite(cosine) ? cosine : 0;
    }
  }
  const alignments = cosines.map((row, a) => {
    const others = row.filter((_, b) => b !== a).sort();
    return others[others.length >> 1];
  });
  const usual = Float64Array.from(alignments).sort()[(alignments.length - 1) >> 1];
  if (usual < leastUsual) return everybody;
  return everybody.filter((place) => alignments[place] >= least * usual);
}
