import { Tape } from "../onnx/autodiff.ts";
import { Graph, type Value } from "../onnx/graph.ts";
import * as kernel from "../onnx/kernels.ts";
import * as op from "../onnx/operators.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import { byName, parameterInputs, port } from "./graphs.ts";
import { type Attend, causal, llamaStream, projectLogits } from "./llama.ts";

/** Names of the key–value cache, one pair a layer, each fp32 [1, kvHeads, T, width]. */
export const cachePort = {
  keys: (layer: number) => `keys.${layer}`,
  values: (layer: number) => `values.${layer}`,
  nextKeys: (layer: number) => `next.keys.${layer}`,
  nextValues: (layer: number) => `next.values.${layer}`,
  position: "position",
};

/** Added to the score of a key that a query must not see. */
const HIDDEN = -1e9;

/**
 * Reads a prompt: tokens int32 [T], filled up behind it, and the position of its last token int64 [1] → logits [1, vocab]
 * of what follows, and the cache. What the filling left in the cache lies behind the position and is written over.
 */
export function prefillGraph(model: ModelSettings): Graph {
  const graph = new Graph("prefill");
  const tape = new Tape(graph);
  const parameters = byName(model, parameterInputs(graph, model));
  const tokens = graph.input(port.tokens, [model.sequenceLength], "int32");
  const last = graph.input(cachePort.position, [1], "int64");
  const ids = kernel.cast(graph, tokens, graph.profile.idType);
  const attend = causal(tape, model, ids, 1, (layer, keys, values) => {
    graph.output(keys, cachePort.nextKeys(layer));
    graph.output(values, cachePort.nextValues(layer));
  });
  const stream = llamaStream(tape, model, parameters, ids, 1, attend);
  const row = graph.node("Gather", [stream, last], [1, model.dim], { attributes: { axis: 0 } });
  graph.output(projectLogits(tape, model, parameters, row), port.logits);
  return graph;
}

/**
 * Reads one token more: tokens int32 [1], its position int64 [1] and the cache of those before it → logits [1, vocab] of
 * what follows, and the cache with this token's keys and values.
 */
export function decodeGraph(model: ModelSettings): Graph {
  const graph = new Graph("decode");
  const tape = new Tape(graph);
  const parameters = byName(model, parameterInputs(graph, model));
  const tokens = graph.input(port.tokens, [1], "int32");
  const position = graph.input(cachePort.position, [1], "int64");
  const ids = kernel.cast(graph, tokens, graph.profile.idType);
  const stream = llamaStream(tape, model, parameters, ids, 1, cached(tape, model, position));
  graph.output(projectLogits(tape, model, parameters, stream), port.logits);
  return graph;
}

function cached(tape: Tape, model: ModelSettings, position: Value): Attend {
  const { graph } = tape;
  const { dim, heads, kvHeads, sequenceLength: length } = model;
  const width = dim / heads;
  const shape = [1, kvHeads, length, width];
  const angles = op.rotaryTables(tape, length, width, model.ropeTheta);
  const every = graph.everyId(length, [length]);
  const along = (operator: string) => graph.node(operator, [position, every], [length], { type: "bool" });
  const here = kernel.reshape(graph, along("Equal"), [1, 1, length, 1]);
  const later = kernel.reshape(graph, kernel.cast(graph, along("Less"), "float32"), [1, 1, 1, length]);
  const mask = kernel.scale(graph, later, HIDDEN);
  const inserted = (value: Value, cache: Value) =>
    graph.node("Where", [here, value, cache], shape, { type: "float32" });

  return (layer, queries, keys, values) => {
    const turned = op.rotary(tape, queries, angles, position);
    const turnedKeys = op.rotary(tape, keys, angles, position);
    const allKeys = inserted(turnedKeys, graph.input(cachePort.keys(layer), shape));
    const allValues = inserted(values, graph.input(cachePort.values(layer), shape));
    graph.output(allKeys, cachePort.nextKeys(layer));
    graph.output(allValues, cachePort.nextValues(layer));
    const grouped = kernel.reshape(graph, turned, [1, kvHeads, heads / kvHeads, width]);
    const products = kernel.batchedProduct(graph, grouped, allKeys, false, true, 1 / Math.sqrt(width));
    const scores = kernel.add(graph, products, mask);
    const shares = graph.node("Softmax", [scores], scores.shape, { attributes: { axis: -1 } });
    const mixed = kernel.batchedProduct(graph, shares, allValues, false, false);
    return kernel.reshape(graph, mixed, [1, heads, 1, width]);
  };
}
