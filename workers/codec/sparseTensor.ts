/** What is left of one tensor after selection and quantisation, exactly as every decoder sees it. */
export interface SparseTensor {
  /** Row-major positions in the tensor, strictly ascending. */
  readonly positions: Uint32Array;
  /** Values at these positions: finite, never zero. */
  readonly values: Float32Array;
}
