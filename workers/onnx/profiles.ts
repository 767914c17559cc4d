/** Where a graph runs: an execution provider of onnxruntime. */
export type Provider = "cpu" | "cuda" | "webgpu";

/**
 * What a provider's kernels can do, so that graph builders emit only operators it runs itself: one it lacks would fall
 * back to the CPU, with a copy of the data each way. Read off onnxruntime 1.30.
 */
export interface Profile {
  readonly provider: Provider;
  /** Type of indices and token ids inside the graph. */
  readonly idType: "int32" | "int64";
  /** `FusedMatMul` with transpose flags and a factor; otherwise Transpose, MatMul and Mul. */
  readonly fusedProducts: boolean;
  /** `OneHot`; otherwise a comparison with the row of all ids. */
  readonly oneHot: boolean;
  /** `LogSoftmax` and `GatherElements`; otherwise their parts. */
  readonly logSoftmax: boolean;
  /** `Sum` of many inputs; otherwise a chain of `Add`. */
  readonly sum: boolean;
  /** `SimplifiedLayerNormalization` with a right second output, and `QuickGelu`; otherwise their parts. */
  readonly fusedLayers: boolean;
  /** `Loop`: a whole inner phase can be one graph. */
  readonly loop: boolean;
  /** Matrix products in 16 bit, everything else and all state in fp32. */
  readonly halfProducts: boolean;
  /** Attention scores held at a time, in values; longer sequences are worked off in chunks of queries. */
  readonly maxScores: number;
}

/** What a graph may be told beyond its provider. */
export type ProfileOptions = Partial<Pick<Profile, "halfProducts" | "maxScores">>;

/** 16 Mi values, 64 MiB. */
const MAX_SCORES = 1 << 24;

const every = {
  idType: "int64",
  fusedProducts: true,
  oneHot: true,
  logSoftmax: true,
  sum: true,
  fusedLayers: false,
  loop: true,
} as const;
const few = {
  idType: "int32",
  fusedProducts: false,
  oneHot: false,
  logSoftmax: false,
  sum: false,
  fusedLayers: false,
  loop: false,
} as const;
const kernels = { cpu: { ...every, fusedLayers: true }, cuda: every, webgpu: few };

/** 16-bit products are left out on the CPU, which has no fast kernel for them. */
export function profileOf(provider: Provider, options: ProfileOptions = {}): Profile {
  const { halfProducts = false, maxScores = MAX_SCORES } = options;
  return { provider, ...kernels[provider], halfProducts: halfProducts && provider !== "cpu", maxScores };
}

export const cpuProfile: Profile = profileOf("cpu");
