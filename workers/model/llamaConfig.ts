import * as v from "valibot";
import { FatalError } from "../protocol/errors.ts";
import type { ModelSettings } from "../protocol/manifest.ts";

/** The folder's `config.json` is not that of a model this project can run; `data.field` says where. */
export class ModelConfigError extends FatalError {
  constructor(field: string, problem: string, cause?: unknown) {
    super("MODEL_CONFIG_INVALID", `config.json, ${field}: ${problem}`, { data: { field, problem }, cause });
  }
}

/**
 * `config.json` of `LlamaForCausalLM` in Hugging Face transformers.
 * @param end token that ends a text; a byte-level run has no tokens besides the 256 bytes
 */
export function llamaConfig(model: ModelSettings, end?: number): Readonly<Record<string, unknown>> {
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
    bos_token_id: null,
    eos_token_id: end ?? null,
    pad_token_id: null,
  };
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const absent = v.optional(v.nullable(v.literal(false)));

/** What decides the arithmetic. Fields that change nothing here may be anything. */
const configSchema = v.object({
  model_type: v.literal("llama"),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: v.optional(count),
  head_dim: v.optional(v.nullable(count)),
  max_position_embeddings: count,
  rms_norm_eps: positive,
  rope_theta: v.optional(positive),
  // Newer versions keep the base with the kind of scaling.
  rope_parameters: v.optional(
    v.nullable(v.object({ rope_type: v.optional(v.literal("default")), rope_theta: v.optional(positive) })),
  ),
  rope_scaling: v.optional(v.null()),
  hidden_act: v.literal("silu"),
  tie_word_embeddings: v.optional(v.boolean()),
  attention_bias: absent,
  mlp_bias: absent,
});

/** Base of rotary embeddings where `config.json` has none. */
const DEFAULT_ROPE_THETA = 10_000;

/**
 * Model settings out of a `config.json`.
 * @throws ModelConfigError for another architecture, for scaled rotary embeddings, biases, or sizes that do not fit
 */
export function settingsOf(config: unknown): ModelSettings {
  const result = v.safeParse(configSchema, config);
  if (!result.success) {
    const [issue] = result.issues;
    throw new ModelConfigError(v.getDotPath(issue) ?? "$", issue.message);
  }
  const given = result.output;
  const heads = given.num_attention_heads;
  const kvHeads = given.num_key_value_heads ?? heads;
  const width = given.head_dim ?? given.hidden_size / heads;
  if (width * heads !== given.hidden_size || width % 2 !== 0) {
    throw new ModelConfigError("head_dim", "heads of an even width must make up hidden_size");
  }
  if (heads % kvHeads !== 0) {
    throw new ModelConfigError("num_key_value_heads", "must divide num_attention_heads");
  }
  return {
    family: "llama",
    vocab: given.vocab_size,
    dim: given.hidden_size,
    layers: given.num_hidden_layers,
    heads,
    kvHeads,
    hidden: given.intermediate_size,
    sequenceLength: given.max_position_embeddings,
    tied: given.tie_word_embeddings ?? false,
    ropeTheta: given.rope_parameters?.rope_theta ?? given.rope_theta ?? DEFAULT_ROPE_THETA,
    normEpsilon: given.rms_norm_eps,
  };
}

const endSchema = v.object({ eos_token_id: v.union([v.number(), v.array(v.number())]) });

/** Token that ends a text by a `config.json`, the first of several; undefined where it names none. */
export function endOfText(config: unknown): number | undefined {
  const result = v.safeParse(endSchema, config);
  return result.success ? [result.output.eos_token_id].flat()[0] : undefined;
}
