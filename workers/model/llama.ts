import { causalAttention, queryChunks } from "../onnx/attention.ts";
import type { Tape } from "../onnx/autodiff.ts";
import type { Value } from "../onnx/graph.ts";
import * as op from "../onnx/operators.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import { EMBEDDING, FINAL_NORM, layerNames, OUTPUT_PROJECTION } from "./layout.ts";

/** The graph's value of a parameter by its name. */
export type Parameters = (name: string) => Value;

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
  const { dim, heads, kvHeads, sequenceLength: length } = model;
  const headWidth = dim / heads;
  const groups = heads / kvHeads;
  const rows = batch * length;
  const angles = op.rotaryTables(tape, length, headWidth, model.ropeTheta);
  const chunks = queryChunks(tape.graph, { batch, kvHeads, groups, length }, ids);

  /** [rows, count · headWidth] → [batch, count, T, headWidth] */
  const split = (x: Value, count: number) =>
    op.swapMiddle(tape, op.reshape(tape, x, [batch, length, count, headWidth]));
  const project = (x: Value, name: string) => op.linear(tape, x, parameters(name));

  const attend = (x: Value, names: ReturnType<typeof layerNames>): Value => {
    const queries = op.rotary(tape, split(project(x, names.queries), heads), angles);
    const keys = op.rotary(tape, split(project(x, names.keys), kvHeads), angles);
    const values = split(project(x, names.values), kvHeads);
    const grouped = op.reshape(tape, queries, [batch, kvHeads, groups, length, headWidth]);
    const mixed = causalAttention(tape, grouped, keys, values, chunks);
    const unfolded = op.swapMiddle(tape, op.reshape(tape, mixed, [batch, heads, length, headWidth]));
    return project(op.reshape(tape, unfolded, [rows, dim]), names.attentionOutput);
  };
  const feedForward = (x: Value, names: ReturnType<typeof layerNames>): Value =>
    project(op.swiGlu(tape, project(x, names.gate), project(x, names.up)), names.down);
  const normalise = (x: Value, name: string) => op.rmsNorm(tape, x, parameters(name), model.normEpsilon);

  let stream = op.embedding(tape, parameters(EMBEDDING), ids);
  for (let layer = 0; layer < model.layers; layer++) {
    const names = layerNames(layer);
    stream = op.add(tape, stream, attend(normalise(stream, names.attentionNorm), names));
    stream = op.add(tape, stream, feedForward(normalise(stream, names.feedForwardNorm), names));
  }
  return project(normalise(stream, FINAL_NORM), model.tied ? EMBEDDING : OUTPUT_PROJECTION);
}
