import { type Graph, MICROSOFT_DOMAIN, type Shape, type Value } from "./graph.ts";

/** Emitters of single operators with their result shapes. They record nothing for the backward pass. */

/** Elementwise; `b` may broadcast to `a`. */
export function add(graph: Graph, a: Value, b: Value): Value {
  return graph.node("Add", [a, b], a.shape);
}

/** Elementwise; `b` may broadcast to `a`. */
export function subtract(graph: Graph, a: Value, b: Value): Value {
  return graph.node("Sub", [a, b], a.shape);
}

/** Elementwise; `b` may broadcast to `a`. */
export function multiply(graph: Graph, a: Value, b: Value): Value {
  return graph.node("Mul", [a, b], a.shape);
}

/** Elementwise; the result has `shape`, to which either side may broadcast. */
export function divide(graph: Graph, a: Value, b: Value, shape: Shape = a.shape): Value {
  return graph.node("Div", [a, b], shape);
}

export function scale(graph: Graph, a: Value, factor: number): Value {
  return multiply(graph, a, graph.scalar(factor));
}

export function reshape(graph: Graph, a: Value, shape: Shape): Value {
  return graph.node("Reshape", [a, graph.integers(shape)], shape);
}

/** [A, B, C, D] → [A, C, B, D]: exchanges sequence and head axes; it is its own inverse. */
export function swapMiddle(graph: Graph, a: Value): Value {
  const [outer, first, second, inner] = a.shape;
  return graph.node("Transpose", [a], [outer, second, first, inner], { attributes: { perm: [0, 2, 1, 3] } });
}

/** Sum over the last axis, kept as extent 1. */
export function sumLast(graph: Graph, a: Value): Value {
  return graph.node("ReduceSum", [a, graph.integers([-1])], [...a.shape.slice(0, -1), 1], {
    attributes: { keepdims: 1 },
  });
}

/** [M, N] → [N]. */
export function sumRows(graph: Graph, a: Value): Value {
  return graph.node("ReduceSum", [a, graph.integers([0])], [a.shape[1]], { attributes: { keepdims: 0 } });
}

/** op(a) · op(b) of two matrices, where op transposes if told to. The flags cost nothing; a Transpose node would. */
export function matrixProduct(
  graph: Graph,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
): Value {
  const rows = transposeA ? a.shape[1] : a.shape[0];
  const columns = transposeB ? b.shape[0] : b.shape[1];
  const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
  return graph.node("Gemm", [a, b], [rows, columns], { attributes });
}

/** factor · op(a) · op(b) over the last two axes, batched over those before. */
export function batchedProduct(
  graph: Graph,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
  factor = 1,
): Value {
  const rank = a.shape.length;
  const rows = transposeA ? a.shape[rank - 1] : a.shape[rank - 2];
  const columns = transposeB ? b.shape[rank - 2] : b.shape[rank - 1];
  return graph.node("FusedMatMul", [a, b], [...a.shape.slice(0, -2), rows, columns], {
    attributes: { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: factor } },
    domain: MICROSOFT_DOMAIN,
  });
}

/** ids [M] int64 → [M, classes] with a one at each row's id. */
export function oneHot(graph: Graph, ids: Value, classes: number): Value {
  const offAndOn = graph.constant(Float32Array.of(0, 1), [2]);
  return graph.node("OneHot", [ids, graph.integer(classes), offAndOn], [ids.shape[0], classes], {
    attributes: { axis: -1 },
    type: "float32",
  });
}
