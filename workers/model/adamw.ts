import type { Graph, Value } from "../onnx/graph.ts";
import * as kernel from "../onnx/kernels.ts";
import type { TrainingSettings } from "../protocol/manifest.ts";

export type AdamWSettings = Pick<
  TrainingSettings,
  "beta1" | "beta2" | "epsilon" | "weightDecay" | "clipNorm"
>;

/** fp32 scalars that change from step to step. */
export interface StepScalars {
  readonly learningRate: Value;
  /** 1 / (1 − β1^t) and 1 / (1 − β2^t) for the t-th step since the moments were zero, from 1. */
  readonly correction1: Value;
  readonly correction2: Value;
}

/** One parameter with its gradient and moments, all of one shape. */
export interface ParameterState {
  readonly parameter: Value;
  readonly gradient: Value;
  readonly moment1: Value;
  readonly moment2: Value;
  readonly decays: boolean;
}

/**
 * Factor that brings the global norm of the gradients down to `clipNorm`, at most 1; a scalar. The small constant
 * keeps zero gradients zero (as in torch's clip_grad_norm_).
 */
export function clipFactor(graph: Graph, gradients: readonly Value[], clipNorm: number): Value {
  const squares = gradients.map((gradient) =>
    graph.node("ReduceSumSquare", [gradient], [], { attributes: { keepdims: 0 } }),
  );
  const norm = graph.node("Sqrt", [kernel.sum(graph, squares)], []);
  const ratio = kernel.divide(graph, graph.scalar(clipNorm), kernel.add(graph, norm, graph.scalar(1e-6)));
  return graph.node("Min", [graph.scalar(1), ratio], []);
}

/**
 * One step of AdamW with decoupled weight decay (Loshchilov and Hutter, algorithm 2):
 * m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; θ ← θ − lr·(m·c1 / (√(v·c2) + ε) + decay·θ), g times the clip factor.
 *
 * Memory traffic is what it costs, so scalars are multiplied among themselves first: 13 passes over a parameter, not 17.
 * θ − lr·c1/√c2 · m / (√v + ε/√c2) is the same step with √c2 taken out of the divisor.
 */
export function adamWStep(
  graph: Graph,
  settings: AdamWSettings,
  state: ParameterState,
  scalars: DerivedScalars,
): { parameter: Value; moment1: Value; moment2: Value } {
  const { gradient, decays } = state;
  const decayed1 = kernel.scale(graph, state.moment1, settings.beta1);
  const moment1 = kernel.add(graph, decayed1, kernel.multiply(graph, gradient, scalars.gradientWeight));
  const root = kernel.multiply(graph, gradient, scalars.gradientRoot);
  const decayed2 = kernel.scale(graph, state.moment2, settings.beta2);
  const moment2 = kernel.add(graph, decayed2, kernel.multiply(graph, root, root));
  const deviation = graph.node("Sqrt", [moment2], moment2.shape);
  const direction = kernel.divide(graph, moment1, kernel.add(graph, deviation, scalars.epsilon));
  const change = kernel.multiply(graph, direction, scalars.rate);
  const kept = decays ? kernel.multiply(graph, state.parameter, scalars.keep) : state.parameter;
  return { parameter: kernel.subtract(graph, kept, change), moment1, moment2 };
}

/** Scalars of a step that all parameters share. */
export interface DerivedScalars {
  /** (1−β1) · clip */
  readonly gradientWeight: Value;
  /** √(1−β2) · clip */
  readonly gradientRoot: Value;
  /** ε / √c2 */
  readonly epsilon: Value;
  /** lr · c1 / √c2 */
  readonly rate: Value;
  /** 1 − lr · decay */
  readonly keep: Value;
}

/** @param clip factor of the gradients */
export function derivedScalars(
  graph: Graph,
  settings: AdamWSettings,
  clip: Value,
  step: StepScalars,
): DerivedScalars {
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const correctionRoot = graph.node("Sqrt", [step.correction2], []);
  const decay = kernel.scale(graph, step.learningRate, weightDecay);
  return {
    gradientWeight: kernel.scale(graph, clip, 1 - beta1),
    gradientRoot: kernel.scale(graph, clip, Math.sqrt(1 - beta2)),
    epsilon: kernel.divide(graph, graph.scalar(epsilon), correctionRoot),
    rate: kernel.divide(graph, kernel.multiply(graph, step.learningRate, step.correction1), correctionRoot),
    keep: kernel.subtract(graph, graph.scalar(1), decay),
  };
}
