import type { ModelSettings } from "../protocol/manifest.ts";
import type { TensorSpec } from "../protocol/tensors.ts";

/** What a parameter does, which decides how it starts and whether weight decay acts on it. */
export type ParameterRole = "matrix" | "residual" | "norm";

/** A parameter of the model. "residual" matrices write into the residual stream. */
export interface ParameterSpec extends TensorSpec {
  readonly role: ParameterRole;
}

export const EMBEDDING = "model.embed_tokens.weight";
export const FINAL_NORM = "model.norm.weight";
export const OUTPUT_PROJECTION = "lm_head.weight";

/** Names of one layer's parameters, as `LlamaForCausalLM` of Hugging Face transformers has them. */
export function layerNames(layer: number) {
  const prefix = `model.layers.${layer}`;
  return {
    attentionNorm: `${prefix}.input_layernorm.weight`,
    queries: `${prefix}.self_attn.q_proj.weight`,
    keys: `${prefix}.self_attn.k_proj.weight`,
    values: `${prefix}.self_attn.v_proj.weight`,
    attentionOutput: `${prefix}.self_attn.o_proj.weight`,
    feedForwardNorm: `${prefix}.post_attention_layernorm.weight`,
    gate: `${prefix}.mlp.gate_proj.weight`,
    up: `${prefix}.mlp.up_proj.weight`,
    down: `${prefix}.mlp.down_proj.weight`,
  };
}

/** Parameters of a llama model in manifest order, matrices as [outputs, inputs]. */
export function parameterLayout(model: ModelSettings): ParameterSpec[] {
  const { vocab, dim, hidden } = model;
  const keyWidth = (dim / model.heads) * model.kvHeads;
  const layers = Array.from({ length: model.layers }, (_, index): ParameterSpec[] => {
    const names = layerNames(index);
    return [
      { name: names.attentionNorm, shape: [dim], role: "norm" },
      { name: names.queries, shape: [dim, dim], role: "matrix" },
      { name: names.keys, shape: [keyWidth, dim], role: "matrix" },
      { name: names.values, shape: [keyWidth, dim], role: "matrix" },
      { name: names.attentionOutput, shape: [dim, dim], role: "residual" },
      { name: names.feedForwardNorm, shape: [dim], role: "norm" },
      { name: names.gate, shape: [hidden, dim], role: "matrix" },
      { name: names.up, shape: [hidden, dim], role: "matrix" },
      { name: names.down, shape: [dim, hidden], role: "residual" },
    ];
  });
  const output: ParameterSpec[] = model.tied
    ? []
    : [{ name: OUTPUT_PROJECTION, shape: [vocab, dim], role: "matrix" }];
  return [
    { name: EMBEDDING, shape: [vocab, dim], role: "matrix" },
    ...layers.flat(),
    { name: FINAL_NORM, shape: [dim], role: "norm" },
    ...output,
  ];
}
