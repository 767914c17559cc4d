import type { ModelSettings } from "../protocol/manifest.ts";
import { sizeOf, type Tensors } from "../protocol/tensors.ts";
import { type ParameterRole, parameterLayout } from "./layout.ts";

const STANDARD_DEVIATION = 0.02;

/**
 * θ_0: norms 1, matrices normal with deviation 0.02, those that write into the residual stream 1/√(2·layers) of it.
 * A run publishes θ_0 as content, so it need not come out the same on every machine.
 */
export function initialState(model: ModelSettings, seed: number): Tensors {
  const random = uniform(seed);
  const deviation: Record<ParameterRole, number> = {
    norm: 0,
    matrix: STANDARD_DEVIATION,
    residual: STANDARD_DEVIATION / Math.sqrt(2 * model.layers),
  };
  return parameterLayout(model).map((spec) =>
    spec.role === "norm"
      ? new Float32Array(sizeOf(spec)).fill(1)
      : Float32Array.from({ length: sizeOf(spec) }, () => deviation[spec.role] * normal(random)),
  );
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal number, by Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
