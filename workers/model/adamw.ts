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
 * m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; θ ← θ − lr·(m·c1 / (√(v·c2) + ε) + decay·θ).
 */
export function adamWStep(
  graph: Graph,
  settings: AdamWSettings,
  state: ParameterState,
  clip: Value,
  step: StepScalars,
): { parameter: Value; moment1: Value; moment2: Value } {
  const { beta1, beta2 } = settings;
  const gradient = kernel.multiply(graph, state.gradient, clip);
  const decayed1 = kernel.scale(graph, state.moment1, beta1);
  const decayed2 = kernel.scale(graph, state.moment2, beta2);
  const moment1 = kernel.add(graph, decayed1, kernel.scale(graph, gradient, 1 - beta1));
  const square = kernel.multiply(graph, gradient, gradient);
  const moment2 = kernel.add(graph, decayed2, kernel.scale(graph, square, 1 - beta2));
  const corrected = kernel.multiply(graph, moment2, step.correction2);
  const root = graph.node("Sqrt", [corrected], corrected.shape);
  const divisor = kernel.add(graph, root, graph.scalar(settings.epsilon));
  const adaptive = kernel.divide(graph, kernel.multiply(graph, moment1, step.correction1), divisor);
  const direction = state.decays
    ? kernel.add(graph, adaptive, kernel.scale(graph, state.parameter, settings.weightDecay))
    : adaptive;
  const change = kernel.multiply(graph, direction, step.learningRate);
  return { parameter: kernel.subtract(graph, state.parameter, change), moment1, moment2 };
}
