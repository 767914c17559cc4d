import type { Tape } from "./autodiff.ts";
import { type Graph, MICROSOFT_DOMAIN, type Shape, type Value } from "./graph.ts";
import * as kernel from "./kernels.ts";

/** Differentiable operators. Every pullback is written out; the tests compare each with finite differences. */

export function add(tape: Tape, a: Value, b: Value): Value {
  return tape.record(kernel.add(tape.graph, a, b), [a, b], (gradient) => [gradient, gradient]);
}

export function reshape(tape: Tape, a: Value, shape: Shape): Value {
  const { graph } = tape;
  return tape.record(kernel.reshape(graph, a, shape), [a], (gradient) => [
    kernel.reshape(graph, gradient, a.shape),
  ]);
}

/** [A, B, C, D] → [A, C, B, D]. */
export function swapMiddle(tape: Tape, a: Value): Value {
  const { graph } = tape;
  return tape.record(kernel.swapMiddle(graph, a), [a], (gradient) => [kernel.swapMiddle(graph, gradient)]);
}

/** x [M, K] times weight [N, K] transposed → [M, N]: the layout of Hugging Face checkpoints. */
export function linear(tape: Tape, x: Value, weight: Value): Value {
  const { graph } = tape;
  const result = kernel.matrixProduct(graph, x, weight, false, true);
  return tape.record(result, [x, weight], (gradient) => [
    kernel.matrixProduct(graph, gradient, weight, false, false),
    kernel.matrixProduct(graph, gradient, x, true, false),
  ]);
}

/**
 * Root-mean-square normalisation of the rows of x [M, D], scaled by weight [D]. Composed of elementary operators where
 * the fused kernel's second output, which the backward pass needs, is not to be trusted.
 */
export function rmsNorm(tape: Tape, x: Value, weight: Value, epsilon: number): Value {
  const { graph } = tape;
  const { result, inverseRms } = graph.profile.fusedLayers
    ? fusedNorm(graph, x, weight, epsilon)
    : composedNorm(graph, x, weight, epsilon);
  return tape.record(result, [x, weight], (gradient) => {
    const normalised = kernel.multiply(graph, x, inverseRms);
    const byWeight = kernel.sumRows(graph, kernel.multiply(graph, gradient, normalised));
    const byNormalised = kernel.multiply(graph, gradient, weight);
    const dot = kernel.sumLast(graph, kernel.multiply(graph, byNormalised, normalised));
    const along = kernel.multiply(graph, normalised, kernel.scale(graph, dot, 1 / x.shape[1]));
    return [kernel.multiply(graph, kernel.subtract(graph, byNormalised, along), inverseRms), byWeight];
  });
}

/** The result [M, D] and 1 / √(mean of squares + ε) [M, 1]. */
interface Normalised {
  readonly result: Value;
  readonly inverseRms: Value;
}

function fusedNorm(graph: Graph, x: Value, weight: Value, epsilon: number): Normalised {
  const [result, inverseRms] = graph.nodeWithResults(
    "SimplifiedLayerNormalization",
    [x, weight],
    [x.shape, [x.shape[0], 1]],
    { attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 } },
  );
  return { result, inverseRms };
}

function composedNorm(graph: Graph, x: Value, weight: Value, epsilon: number): Normalised {
  const [rows, width] = x.shape;
  const sumOfSquares = graph.node("ReduceSumSquare", [x, graph.integers([-1])], [rows, 1], {
    attributes: { keepdims: 1 },
  });
  const meanSquare = kernel.add(graph, kernel.scale(graph, sumOfSquares, 1 / width), graph.scalar(epsilon));
  const inverseRms = graph.node("Reciprocal", [graph.node("Sqrt", [meanSquare], [rows, 1])], [rows, 1]);
  return { result: kernel.multiply(graph, kernel.multiply(graph, x, inverseRms), weight), inverseRms };
}

/** Angles of rotary embeddings: each [T, D/2] for sequence length T and head width D. */
export interface RotaryTables {
  readonly cosine: Value;
  readonly sine: Value;
  readonly negativeSine: Value;
}

/** Constants of rotary embeddings as Hugging Face defines them: angle t · base^(−2i/D). */
export function rotaryTables(tape: Tape, length: number, headWidth: number, base: number): RotaryTables {
  const half = headWidth / 2;
  const angles = Float64Array.from({ length: length * half }, (_, index) => {
    const frequency = base ** ((-2 * (index % half)) / headWidth);
    return Math.floor(index / half) * frequency;
  });
  const table = (of: (angle: number) => number) =>
    tape.graph.constant(Float32Array.from(angles, of), [length, half]);
  return { cosine: table(Math.cos), sine: table(Math.sin), negativeSine: table((angle) => -Math.sin(angle)) };
}

/**
 * Rotates x [B, H, T, D] by position, halves paired (`rotate_half`). The inverse rotation pulls gradients back.
 * @param first int64 [1], the position of the first of T; 0 when left out
 */
export function rotary(tape: Tape, x: Value, tables: RotaryTables, first?: Value): Value {
  const { graph } = tape;
  const firstPosition = first ?? graph.integers([0]);
  const rotate = (value: Value, sine: Value) =>
    graph.node("RotaryEmbedding", [value, firstPosition, tables.cosine, sine], value.shape, {
      attributes: { interleaved: 0 },
      domain: MICROSOFT_DOMAIN,
    });
  return tape.record(rotate(x, tables.sine), [x], (gradient) => [rotate(gradient, tables.negativeSine)]);
}

/** silu(gate) · up, elementwise. */
export function swiGlu(tape: Tape, gate: Value, up: Value): Value {
  const { graph } = tape;
  const sigmoid = () => graph.node("Sigmoid", [gate], gate.shape);
  const fused = graph.profile.fusedLayers;
  // x · σ(x) in one kernel; σ alone is then computed for the backward pass, instead of being kept from the forward one.
  const early = fused ? undefined : sigmoid();
  const silu =
    early === undefined
      ? graph.node("QuickGelu", [gate], gate.shape, {
          attributes: { alpha: { float: 1 } },
          domain: MICROSOFT_DOMAIN,
        })
      : kernel.multiply(graph, gate, early);
  return tape.record(kernel.multiply(graph, silu, up), [gate, up], (gradient) => {
    // silu' = σ + silu·(1 − σ) = silu + σ·(1 − silu)
    const share = early ?? sigmoid();
    const slope = kernel.add(
      graph,
      silu,
      kernel.multiply(graph, share, kernel.subtract(graph, graph.scalar(1), silu, silu.shape)),
    );
    return [
      kernel.multiply(graph, kernel.multiply(graph, gradient, up), slope),
      kernel.multiply(graph, gradient, silu),
    ];
  });
}

/** Rows of table [V, D] by ids [M] → [M, D]. The gradient is a product with one-hot rows: deterministic, unlike scatter. */
export function embedding(tape: Tape, table: Value, ids: Value): Value {
  const { graph } = tape;
  const [classes, width] = table.shape;
  const result = graph.node("Gather", [table, ids], [ids.shape[0], width], { attributes: { axis: 0 } });
  return tape.record(result, [table], (gradient) => [
    kernel.matrixProduct(graph, kernel.oneHot(graph, ids, classes), gradient, true, false),
  ]);
}
