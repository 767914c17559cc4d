import type { Tape } from "./autodiff.ts";
import type { Graph, Value } from "./graph.ts";
import * as kernel from "./kernels.ts";

/** Added to the score of a key that a query must not see. */
const HIDDEN = -1e9;

/**
 * Queries per chunk, the largest divisor of `length` whose scores stay within the limit: all of them where sequences
 * are short.
 * @param matrices score matrices of `length` columns that one query position needs: sequences · query heads
 */
export function queryChunk(length: number, matrices: number, maxScores: number): number {
  const most = Math.max(1, Math.floor(maxScores / (matrices * length)));
  for (let chunk = Math.min(length, most); chunk > 1; chunk--) if (length % chunk === 0) return chunk;
  return 1;
}

/** How the queries of a graph are worked off; the same for all its layers. */
export interface QueryChunks {
  /** Positions a chunk. */
  readonly chunk: number;
  readonly starts: readonly number[];
  /** Additive masks [1, 1, G · chunk, T], one a chunk. */
  readonly masks: readonly Value[];
}

/** Extents of attention: sequences, key heads, query heads a key head, positions. */
export interface AttentionExtents {
  readonly batch: number;
  readonly kvHeads: number;
  readonly groups: number;
  readonly length: number;
}

/** @param tokens any input of ids, so that the masks are made at run time and not stored */
export function queryChunks(
  graph: Graph,
  { batch, kvHeads, groups, length }: AttentionExtents,
  tokens: Value,
): QueryChunks {
  const chunk = queryChunk(length, batch * kvHeads * groups, graph.profile.maxScores);
  const starts = Array.from({ length: length / chunk }, (_, index) => index * chunk);
  const masks = starts.map((start) => causalMask(graph, start, chunk, groups, length, tokens));
  return { chunk, starts, masks };
}

/**
 * Causal grouped-query attention softmax(q·kᵀ/√D + mask)·v.
 *
 * Query heads that share a key head stand in one matrix, position by position within each head, so that keys are never
 * broadcast. Queries are worked off in chunks, and the backward pass computes each chunk's scores again instead of
 * keeping them: memory grows with T · chunk, not with T². With a single chunk the scores are kept.
 * @param queries fp32 [B, K, G, T, D]: sequences, key heads, query heads a key head, positions, head width
 * @param keys fp32 [B, K, T, D]
 * @param values fp32 [B, K, T, D]
 * @returns fp32 [B, K, G, T, D]
 */
export function causalAttention(
  tape: Tape,
  queries: Value,
  keys: Value,
  values: Value,
  { chunk, starts, masks }: QueryChunks,
): Value {
  const { graph } = tape;
  const groups = queries.shape[2];
  const whole = starts.length === 1;
  const forward = starts.map((start, index) =>
    attend(graph, rowsOf(graph, queries, start, chunk), keys, values, masks[index]),
  );
  const result = kernel.concatenate(
    graph,
    forward.map(({ mixed }) => unfold(graph, mixed, groups)),
    3,
  );
  return tape.record(result, [queries, keys, values], (gradient) => {
    const parts = starts.map((start, index) => {
      const byMixed = rowsOf(graph, gradient, start, chunk);
      if (whole) return pullBack(graph, forward[index], keys, values, byMixed);
      // Tied to the gradient, or the scheduler would compute all chunks' scores at once, ahead of the backward pass.
      const rows = kernel.add(graph, rowsOf(graph, queries, start, chunk), zeroFrom(graph, byMixed));
      return pullBack(graph, attend(graph, rows, keys, values, masks[index]), keys, values, byMixed);
    });
    const total = (pick: (part: (typeof parts)[number]) => Value) =>
      parts.map(pick).reduce((sum, part) => kernel.add(graph, sum, part));
    const byQueries = parts.map(({ byRows }) => unfold(graph, byRows, groups));
    return [
      kernel.concatenate(graph, byQueries, 3),
      total(({ byKeys }) => byKeys),
      total(({ byValues }) => byValues),
    ];
  });
}

/** A chunk of attention: rows [B, K, R, D], shares [B, K, R, T], mixed [B, K, R, D], R = G · chunk. */
interface Chunk {
  readonly rows: Value;
  readonly shares: Value;
  readonly mixed: Value;
}

function attend(graph: Graph, rows: Value, keys: Value, values: Value, mask: Value): Chunk {
  const scores = kernel.batchedProduct(graph, rows, keys, false, true, scaleOf(rows));
  const masked = kernel.add(graph, scores, mask);
  const shares = graph.node("Softmax", [masked], masked.shape, { attributes: { axis: -1 } });
  return { rows, shares, mixed: kernel.batchedProduct(graph, shares, values, false, false) };
}

function pullBack(graph: Graph, chunk: Chunk, keys: Value, values: Value, gradient: Value) {
  const { rows, shares, mixed } = chunk;
  const factor = scaleOf(rows);
  const byShares = kernel.batchedProduct(graph, gradient, values, false, true);
  // Row sums of shares · byShares equal row sums of gradient · mixed, which are D wide instead of T.
  const rowSums = kernel.sumLast(graph, kernel.multiply(graph, gradient, mixed));
  const byScores = kernel.multiply(graph, shares, kernel.subtract(graph, byShares, rowSums));
  return {
    byRows: kernel.batchedProduct(graph, byScores, keys, false, false, factor),
    byKeys: kernel.batchedProduct(graph, byScores, rows, true, false, factor),
    byValues: kernel.batchedProduct(graph, shares, gradient, true, false),
  };
}

function scaleOf(rows: Value): number {
  return 1 / Math.sqrt(rows.shape[3]);
}

/** Positions [start, start + chunk) of [B, K, G, T, D], query heads folded into rows: [B, K, G · chunk, D]. */
function rowsOf(graph: Graph, value: Value, start: number, chunk: number): Value {
  const [batch, kvHeads, groups, length, width] = value.shape;
  const part = chunk === length ? value : kernel.slice(graph, value, 3, start, start + chunk);
  return kernel.reshape(graph, part, [batch, kvHeads, groups * chunk, width]);
}

/** [B, K, G · chunk, D] → [B, K, G, chunk, D]. */
function unfold(graph: Graph, value: Value, groups: number): Value {
  const [batch, kvHeads, rows, width] = value.shape;
  return kernel.reshape(graph, value, [batch, kvHeads, groups, rows / groups, width]);
}

/**
 * Additive mask [1, 1, G · chunk, T] for queries from position `start`: row r stands for position start + r mod chunk.
 * Comparing positions that depend on an input keeps it out of the model file and out of constant folding.
 */
function causalMask(
  graph: Graph,
  start: number,
  chunk: number,
  groups: number,
  length: number,
  tokens: Value,
): Value {
  const positions = Array.from({ length: groups * chunk }, (_, row) => start + (row % chunk));
  const first = kernel.reshape(graph, kernel.slice(graph, kernel.flat(graph, tokens), 0, 0, 1), [1, 1]);
  const zero = kernel.subtract(graph, first, first);
  const rows = graph.node("Add", [graph.ids(positions, [positions.length, 1]), zero], [positions.length, 1]);
  const hidden = graph.node("Less", [rows, graph.everyId(length, [1, length])], [positions.length, length], {
    type: "bool",
  });
  const mask = kernel.scale(graph, kernel.cast(graph, hidden, "float32"), HIDDEN);
  return kernel.reshape(graph, mask, [1, 1, positions.length, length]);
}

/** A zero [1, 1, 1, 1] that is known only once `value` is. */
function zeroFrom(graph: Graph, value: Value): Value {
  const one = value.shape.reduce((part: Value, _, axis) => kernel.slice(graph, part, axis, 0, 1), value);
  return kernel.scale(graph, one, 0);
}
