import {
  ELEMENT_TYPES,
  type ElementType,
  type Graph,
  MICROSOFT_DOMAIN,
  type Shape,
  type Value,
} from "./graph.ts";

/** Emitters of single operators with their result shapes. They record nothing for the backward pass. */

/** Elementwise; `b` may broadcast to `a`. */
export function add(graph: Graph, a: Value, b: Value): Value {
  return graph.node("Add", [a, b], a.shape);
}

/** Elementwise; the result has `shape`, to which either side may broadcast. */
export function subtract(graph: Graph, a: Value, b: Value, shape: Shape = a.shape): Value {
  return graph.node("Sub", [a, b], shape);
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

/** Row-major into one axis. */
export function flat(graph: Graph, a: Value): Value {
  return reshape(graph, a, [a.shape.reduce((size, extent) => size * extent, 1)]);
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

/** [..., M, N] → [..., N, M]. */
export function transposeLast(graph: Graph, a: Value): Value {
  const rank = a.shape.length;
  const perm = [...a.shape.keys()];
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  const shape = perm.map((axis) => a.shape[axis]);
  return graph.node("Transpose", [a], shape, { attributes: { perm } });
}

export function cast(graph: Graph, a: Value, type: ElementType): Value {
  if (a.type === type) return a;
  return graph.node("Cast", [a], a.shape, { attributes: { to: ELEMENT_TYPES[type] }, type });
}

/** The sum of scalars, in order. */
export function sum(graph: Graph, values: readonly Value[]): Value {
  if (graph.profile.sum) return graph.node("Sum", values, []);
  return values.reduce((total, value) => add(graph, total, value));
}

/** Emits a product of fp32 operands, in 16 bit where the profile says so. The result is fp32. */
function product(graph: Graph, a: Value, b: Value, emit: (a: Value, b: Value) => Value): Value {
  if (!graph.profile.halfProducts) return emit(a, b);
  return cast(graph, emit(cast(graph, a, "float16"), cast(graph, b, "float16")), "float32");
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
  return product(graph, a, b, (left, right) =>
    graph.node("Gemm", [left, right], [rows, columns], { attributes }),
  );
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
  const shape = [...a.shape.slice(0, -2), rows, columns];
  return product(graph, a, b, (left, right) => {
    if (graph.profile.fusedProducts) {
      const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: factor } };
      return graph.node("FusedMatMul", [left, right], shape, { attributes, domain: MICROSOFT_DOMAIN });
    }
    // The factor goes to the smaller side: scaling the result would touch T × T values.
    const scaled = factor === 1 ? left : multiply(graph, left, cast(graph, graph.scalar(factor), left.type));
    const first = transposeA ? transposeLast(graph, scaled) : scaled;
    const second = transposeB ? transposeLast(graph, right) : right;
    return graph.node("MatMul", [first, second], shape);
  });
}

/** ids [M] → fp32 [M, classes] with a one at each row's id; a row whose id is no class is zero. */
export function oneHot(graph: Graph, ids: Value, classes: number): Value {
  const [rows] = ids.shape;
  if (graph.profile.oneHot) {
    const offAndOn = graph.constant(Float32Array.of(0, 1), [2]);
    return graph.node("OneHot", [ids, graph.integer(classes), offAndOn], [rows, classes], {
      attributes: { axis: -1 },
      type: "float32",
    });
  }
  const pair = [column(graph, ids), graph.everyId(classes, [1, classes])];
  const equal = graph.node("Equal", pair, [rows, classes], { type: "bool" });
  return cast(graph, equal, "float32");
}

/** [M] → [M, 1]. */
export function column(graph: Graph, a: Value): Value {
  return graph.node("Unsqueeze", [a, graph.integers([-1])], [a.shape[0], 1]);
}

/** Elements [from, to) along one axis. */
export function slice(graph: Graph, a: Value, axis: number, from: number, to: number): Value {
  const shape = a.shape.map((extent, index) => (index === axis ? to - from : extent));
  const bounds = [graph.integers([from]), graph.integers([to]), graph.integers([axis])];
  return graph.node("Slice", [a, ...bounds], shape);
}

/** The element `index` (a scalar) along the first axis. */
export function take(graph: Graph, a: Value, index: Value): Value {
  return graph.node("Gather", [a, index], a.shape.slice(1), { attributes: { axis: 0 } });
}

/** Joins along one axis. */
export function concatenate(graph: Graph, parts: readonly Value[], axis: number): Value {
  if (parts.length === 1) return parts[0];
  const total = parts.reduce((extent, part) => extent + part.shape[axis], 0);
  const shape = parts[0].shape.map((extent, index) => (index === axis ? total : extent));
  return graph.node("Concat", parts, shape, { attributes: { axis } });
}
