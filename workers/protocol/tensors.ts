/** One tensor of the model, in manifest order. The order is part of the run's identity. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Values of every tensor in manifest order, each row-major fp32. */
export type Tensors = Float32Array[];

/** Number of values of one tensor. */
export function sizeOf(spec: TensorSpec): number {
  return spec.shape.reduce((product, extent) => product * extent, 1);
}

/** Number of values of all tensors. */
export function parameterCount(specs: readonly TensorSpec[]): number {
  return specs.reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** Zeroed tensors of the given layout. */
export function zeros(specs: readonly TensorSpec[]): Tensors {
  return specs.map((spec) => new Float32Array(sizeOf(spec)));
}
