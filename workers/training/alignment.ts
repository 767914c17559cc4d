import { addProduct } from "../codec/product.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import { bytesOf, type TensorSource } from "./tensorSource.ts";

/** Below this usual alignment a round's updates tell nothing about one another, and none is left out. */
const leastUsual = 0.05;

/**
 * Places of the updates that go along with the others, ascending. An update's alignment is the upper median of its
 * cosines with each of the others; those below `least` times the lower median alignment are left out. So a minority,
 * also one that agrees with itself, neither stays in nor puts others out. All machines find
 * the same. O(n² · non-zeros).
 * @param least 0 to 1
 * @param heldBytes of decoded values held at a time, one tensor of two updates at least
 */
export function aligned(
  updates: readonly TensorSource[],
  tensorCount: number,
  least: number,
  heldBytes: number,
): number[] {
  const everybody = updates.map((_, place) => place);
  if (updates.length < 3) return everybody;
  const products = pairProducts(updates, tensorCount, heldBytes);
  const lengths = updates.map((_, place) => Math.sqrt(products[place][place]));
  const cosines = updates.map(() => new Float64Array(updates.length));
  for (let a = 0; a < updates.length; a++) {
    for (let b = a + 1; b < updates.length; b++) {
      const cosine = products[a][b] / (lengths[a] * lengths[b]);
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

/** Row a holds the products with b ≥ a, each summed in tensor and position order, as `product` does. */
function pairProducts(
  updates: readonly TensorSource[],
  tensorCount: number,
  heldBytes: number,
): readonly Float64Array[] {
  const products = updates.map(() => new Float64Array(updates.length));
  for (let tensor = 0; tensor < tensorCount; tensor++) {
    for (let first = 0; first < updates.length; ) {
      const rows = rowsFrom(updates, first, tensor, heldBytes);
      const others = updates.slice(first + rows.length);
      for (const [row, a] of rows.entries()) {
        const sums = products[first + row];
        for (let b = row; b < rows.length; b++) sums[first + b] = addProduct(sums[first + b], a, rows[b]);
      }
      for (const [index, source] of others.entries()) {
        const other = source.tensor(tensor);
        const place = first + rows.length + index;
        for (const [row, a] of rows.entries()) {
          const sums = products[first + row];
          sums[place] = addProduct(sums[place], a, other);
        }
      }
      first += rows.length;
    }
  }
  return products;
}

/** One tensor of the updates from `first` on, as many as may be held, at least one. */
function rowsFrom(
  updates: readonly TensorSource[],
  first: number,
  tensor: number,
  heldBytes: number,
): SparseTensor[] {
  const rows: SparseTensor[] = [];
  for (let left = heldBytes; first + rows.length < updates.length && (left > 0 || rows.length === 0); ) {
    const row = updates[first + rows.length].tensor(tensor);
    rows.push(row);
    left -= bytesOf(row);
  }
  return rows;
}
