import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { parameterLayout } from "./layout.ts";
import { writeSafetensors } from "./safetensors.ts";

/** `config.json` of `LlamaForCausalLM` in Hugging Face transformers. */
export function llamaConfig(model: ModelSettings): Readonly<Record<string, unknown>> {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    vocab_size: model.vocab,
    hidden_size: model.dim,
    intermediate_size: model.hidden,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.kvHeads,
    head_dim: model.dim / model.heads,
    max_position_embeddings: model.sequenceLength,
    rms_norm_eps: model.normEpsilon,
    rope_theta: model.ropeTheta,
    hidden_act: "silu",
    tie_word_embeddings: model.tied,
    attention_bias: false,
    mlp_bias: false,
    torch_dtype: "float32",
    // A byte-level run has no tokens besides the 256 bytes.
    bos_token_id: null,
    eos_token_id: null,
    pad_token_id: null,
  };
}

/**
 * Writes θ as a folder that transformers loads: `model.safetensors` and `config.json`. Each file appears whole or not
 * at all.
 */
export async function writeModelFolder(
  folder: string,
  model: ModelSettings,
  theta: Tensors,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = parameterLayout(model).map((spec, index) => ({
    name: spec.name,
    shape: spec.shape,
    values: theta[index],
  }));
  await replaceFile(path.join(folder, "model.safetensors"), writeSafetensors(tensors), signal);
  const config = `${JSON.stringify(llamaConfig(model), null, 2)}\n`;
  await replaceFile(path.join(folder, "config.json"), new TextEncoder().encode(config), signal);
}

async function replaceFile(file: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const temporary = `${file}.${process.pid}.partial`;
  try {
    await writeFile(temporary, bytes, { flush: true, signal });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
