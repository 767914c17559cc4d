import type { SparseTensor } from "../codec/sparseTensor.ts";

/** A norm or factor per tensor, fp32. */
export type PerTensor = Float32Array;

/** fround(√Σv²) of each tensor's decoded values, summed in position order in fp64 (DESIGN §7). */
export function tensorNorms(update: readonly SparseTensor[]): PerTensor {
  return Float32Array.from(update, tensorNorm);
}

/** √Σv² of one tensor, in fp64: to be frounded. */
export function tensorNorm({ values }: SparseTensor): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

/**
 * Lower median of each tensor's norm over the updates in which it is not zero, so that empty updates clip nobody; 0 where
 * all are.
 */
export function lowerMedianNorms(norms: readonly PerTensor[], tensorCount: number): PerTensor {
  return Float32Array.from({ length: tensorCount }, (_, tensor) =>
    lowerMedianNorm(Float32Array.from(norms, (perTensor) => perTensor[tensor])),
  );
}

/** Lower median of one tensor's norms that are not zero; 0 where all are. */
export function lowerMedianNorm(norms: Float32Array): number {
  const sorted = norms.filter((norm) => norm > 0).sort();
  return sorted.length === 0 ? 0 : sorted[(sorted.length - 1) >> 1];
}

/** fround(limit / norm) where a tensor's norm exceeds the limit, else 1. A zero norm is never above. */
export function clipFactors(norms: PerTensor, limits: PerTensor): PerTensor {
  return norms.map((norm, tensor) => clipFactor(norm, limits[tensor]));
}

/** The same of one tensor, norm and limit in fp32. */
export function clipFactor(norm: number, limit: number): number {
  return norm > limit ? Math.fround(limit / norm) : 1;
}
