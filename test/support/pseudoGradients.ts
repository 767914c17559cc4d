import type { Hex } from "viem";
import type { UpdateHeader } from "../../workers/codec/header.ts";
import { sizeOf, type TensorSpec } from "../../workers/protocol/tensors.ts";

/** Uniform in (0, 1), the same numbers for a seed everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/**
 * Values like those of a pseudo-gradient: normal with a log-normal width per value, so heavy-tailed, and another
 * width per row of 64.
 */
export function heavyTailed(size: number, seed: number, tail = 0.4): Float32Array {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const values = new Float32Array(size);
  let width = 1e-3;
  for (let i = 0; i < size; i++) {
    if (i % 64 === 0) width = 1e-3 * Math.exp(0.3 * normal());
    values[i] = width * normal() * Math.exp(tail * normal());
  }
  return values;
}

/** Tensors of a LLaMA with tied embeddings and byte tokens. */
export function llamaSpecs(dim: number, layers: number, hidden: number): TensorSpec[] {
  const layer = (index: number): TensorSpec[] => [
    { name: `layers.${index}.norm1`, shape: [dim] },
    ...["q", "k", "v", "o"].map((name) => ({ name: `layers.${index}.${name}`, shape: [dim, dim] })),
    { name: `layers.${index}.norm2`, shape: [dim] },
    { name: `layers.${index}.gate`, shape: [hidden, dim] },
    { name: `layers.${index}.up`, shape: [hidden, dim] },
    { name: `layers.${index}.down`, shape: [dim, hidden] },
  ];
  const embeddings = { name: "embeddings", shape: [256, dim] };
  return [
    embeddings,
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    { name: "norm", shape: [dim] },
  ];
}

export function heavyTailedTensors(
  specs: readonly TensorSpec[],
  seed: number,
  tail?: number,
): Float32Array[] {
  return specs.map((spec, index) => heavyTailed(sizeOf(spec), seed * 1000 + index, tail));
}

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`;

export const SAMPLE_HEADER: UpdateHeader = {
  manifestHash: hash("a1"),
  round: 7,
  neuronId: 2n ** 40n + 3n,
  parentRoot: hash("b2"),
  stateBefore: hash("c3"),
  stateAfter: hash("d4"),
};
