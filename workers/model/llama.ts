import { causalAttention, queryChunks } from "../onnx/attention.ts";
import type { Tape } from "../onnx/autodiff.ts";
import type { Value } from "../onnx/graph.ts";
import * as op from "../onnx/operators.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import { EMBEDDING, FINAL_NORM, layerNames, OUTPUT_PROJECTION } from "./layout.ts";

/** The graph's value of a parameter by its name. */
export type Parameters = (name: string) => Value;

/**
 * Attention of one layer, rotation included.
 * @param queries fp32 [batch, heads, n, width] as projected
 * @param keys fp32 [batch, kvHeads, n, width] as projected
 * @param values fp32 [batch, kvHeads, n, width]
 * @returns fp32 [batch, heads, n, width]
 */
export type Attend = (layer: number, queries: Value, keys: Value, values: Value) => Value;

/**
 * The forward pass of `LlamaForCausalLM`: RMSNorm, rotary embeddings, grouped-query attention and SwiGLU.
 * @param ids token ids [batch · T] in the profile's type, row-major by sequence
 * @returns logits fp32 [batch · T, vocab]
 */
export function llamaLogits(
  tape: Tape,
  model: ModelSettings,
  parameters: Parameters,
  ids: Value,
  batch: number,
): Value {
  const stream = llamaStream(tape, model, parameters, ids, batch, causal(tape, model, ids, batch));
  return projectLogits(tape, model, parameters, stream);
}

/** Attention of whole sequences from position 0 on. `onKeys` is told each layer's rotated keys and its values. */
export function causal(
  tape: Tape,
  { dim, heads, kvHeads, sequenceLength: length, ropeTheta }: ModelSettings,
  ids: Value,
  batch: number,
  onKeys: (layer: number, keys: Value, values: Value) => void = () => {},
): Attend {
  const width = dim / heads;
  const groups = heads / kvHeads;
  const angles = op.rotaryTables(tape, length, width, ropeTheta);
  const chunks = queryChunks(tape.graph, { batch, kvHeads, groups, length }, ids);
  return (layer, queries, keys, values) => {
    const turned = op.rotary(tape, queries, angles);
    const turnedKeys = op.rotary(tape, keys, angles);
    onKeys(layer, turnedKeys, values);
    const grouped = op.reshape(tape, turned, [batch, kvHeads, groups, length, width]);
    const mixed = causalAttention(tape, grouped, turnedKeys, values, chunks);
    return op.reshape(tape, mixed, [batch, heads, length, width]);
  };
}

/**
 * Embedding, layers and the last norm.
 * @param ids [batch · n], n positions a sequence
 * @returns fp32 [batch · n, dim]
 */
export function llamaStream(
  tape: Tape,
  model: ModelSettings,
  parameters: Parameters,
  ids: Value,
  batch: number,
  attend: Attend,
): Value {
  const { dim, heads, kvHeads } = model;
  const [rows] = ids.shape;
  const positions = rows / batch;

  /** [rows, count · width] → [batch, count, n, width] */
  const split = (x: Value, count: number) =>
    op.swapMiddle(tape, op.reshape(tape, x, [batch, positions, count, dim / heads]));
  const project = (x: Value, name: string) => op.linear(tape, x, parameters(name));
  const attention = (x: Value, layer: number, names: ReturnType<typeof layerNames>): Value => {
    const queries = split(project(x, names.queries), heads);
    const keys = split(project(x, names.keys), kvHeads);
    const mixed = attend(layer, queries, keys, split(project(x, names.values), kvHeads));
    return project(op.reshape(tape, op.swapMiddle(tape, mixed), [rows, dim]), names.attentionOutput);
  };
  const feedForward = (x: Value, names: ReturnType<typeof layerNames>): Value =>
    project(op.swiGlu(tape, project(x, names.gate), project(x, names.up)), names.down);
  const normalise = (x: Value, name: string) => op.rmsNorm(tape, x, parameters(name), model.normEpsilon);

  let stream = op.embedding(tape, parameters(EMBEDDING), ids);
  for (let layer = 0; layer < model.layers; layer++) {
    const names = layerNames(layer);
    stream = op.add(tape, stream, attention(normalise(stream, names.attentionNorm), layer, names));
    stream = op.add(tape, stream, feedForward(normalise(stream, names.feedForwardNorm), names));
  }
  return normalise(stream, FINAL_NORM);
}

/** fp32 [rows, dim] → logits [rows, vocab]. */
export function projectLogits(
  tape: Tape,
  model: ModelSettings,
  parameters: Parameters,
  stream: Value,
): Value {
  return op.linear(tape, stream, parameters(model.tied ? EMBEDDING : OUTPUT_PROJECTION));
}
