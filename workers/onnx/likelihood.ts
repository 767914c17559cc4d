import type { Tape } from "./autodiff.ts";
import type { Graph, Value } from "./graph.ts";
import * as kernel from "./kernels.ts";

/**
 * Labels of a batch. A negative label is an ignored position: it counts neither in losses nor in gradients.
 */
export interface Labels {
  /** Ids [M], 0 where ignored. */
  readonly ids: Value;
  /** fp32 [M, 1], 1 where counted and 0 where ignored. */
  readonly counted: Value;
}

/** Labels [M] as they come, with negative ones to ignore. */
export function countedLabels(graph: Graph, labels: Value): Labels {
  const [rows] = labels.shape;
  const zero = graph.ids([0]);
  const ignored = graph.node("Less", [labels, zero], [rows], { type: "bool" });
  const ids = graph.node("Where", [ignored, zero, labels], [rows], { type: labels.type });
  const counted = kernel.subtract(
    graph,
    graph.constant(new Float32Array(rows).fill(1), [rows, 1]),
    kernel.column(graph, kernel.cast(graph, ignored, "float32")),
  );
  return { ids, counted };
}

/** log softmax(logits [M, V]) at the labels → [M, 1], 0 where ignored. Not differentiable: for evaluation. */
export function logLikelihood(graph: Graph, logits: Value, labels: Labels): Value {
  return kernel.multiply(graph, logShares(graph, logits, labels.ids).picked, labels.counted);
}

/**
 * Mean over counted rows of −log softmax(logits [M, V]) at the labels, in nats, and how many are counted; scalars. With
 * every row ignored all three are 0.
 */
export function crossEntropy(tape: Tape, logits: Value, labels: Labels): { loss: Value; count: Value } {
  const { graph } = tape;
  const { picked, shares } = logShares(graph, logits, labels.ids);
  const total = sumAll(graph, kernel.multiply(graph, picked, labels.counted));
  const count = sumAll(graph, labels.counted);
  const divisor = graph.node("Max", [count, graph.scalar(1)], []);
  const loss = kernel.divide(graph, kernel.scale(graph, total, -1), divisor);
  tape.record(loss, [logits], (gradient) => {
    const surplus = kernel.subtract(graph, shares(), kernel.oneHot(graph, labels.ids, logits.shape[1]));
    const weight = kernel.multiply(graph, labels.counted, kernel.divide(graph, gradient, divisor));
    return [kernel.multiply(graph, surplus, weight)];
  });
  return { loss, count };
}

function sumAll(graph: Graph, value: Value): Value {
  return graph.node("ReduceSum", [value, graph.integers([0, 1])], [], { attributes: { keepdims: 0 } });
}

/** log softmax at the ids [M, 1], and the whole softmax [M, V] for who asks. */
function logShares(graph: Graph, logits: Value, ids: Value): { picked: Value; shares: () => Value } {
  const [rows, classes] = logits.shape;
  if (graph.profile.logSoftmax) {
    const all = graph.node("LogSoftmax", [logits], logits.shape, { attributes: { axis: -1 } });
    const picked = graph.node("GatherElements", [all, kernel.column(graph, ids)], [rows, 1], {
      attributes: { axis: 1 },
    });
    return { picked, shares: () => graph.node("Exp", [all], logits.shape) };
  }
  const largest = graph.node("ReduceMax", [logits, graph.integers([-1])], [rows, 1], {
    attributes: { keepdims: 1 },
  });
  const shifted = kernel.subtract(graph, logits, largest);
  const powers = graph.node("Exp", [shifted], logits.shape);
  const total = kernel.sumLast(graph, powers);
  const atLabel = kernel.sumLast(graph, kernel.multiply(graph, shifted, kernel.oneHot(graph, ids, classes)));
  const picked = kernel.subtract(graph, atLabel, graph.node("Log", [total], total.shape));
  return { picked, shares: () => kernel.divide(graph, powers, total) };
}
