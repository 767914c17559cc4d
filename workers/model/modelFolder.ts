import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import type { ModelSettings } from "../protocol/manifest.ts";
import { parameterCount, sizeOf, type Tensors } from "../protocol/tensors.ts";
import { byteTokenizer, byteTokenizerConfig } from "./byteTokenizer.ts";
import { parameterLayout } from "./layout.ts";
import { endOfText, llamaConfig, ModelConfigError, settingsOf } from "./llamaConfig.ts";
import { type Lineage, modelCard } from "./modelCard.ts";
import { type NamedValues, SafetensorsError } from "./safetensors.ts";
import { SafetensorsFile, writeSafetensorsFile } from "./safetensorsFile.ts";

/** Bytes of values in one file; a larger model is spread over several, with an index. */
const SHARD_BYTES = 4e9;
const WEIGHTS = "model.safetensors";
const INDEX = "model.safetensors.index.json";
/** A `config.json` or index beyond this is none. */
const MAX_JSON_BYTES = 64 << 20;

/** A tokenizer as it lies in a model folder. */
export interface ModelTokenizer {
  /** `tokenizer.json`. */
  readonly json: Uint8Array;
  /** Token that ends a text. */
  readonly end: { readonly id: number; readonly text: string };
}

export interface WriteOptions {
  /** What the model card tells; without it there is none. */
  readonly lineage?: Lineage;
  /** The byte tokenizer unless given. */
  readonly tokenizer?: ModelTokenizer;
  readonly shardBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes θ as a folder that transformers loads as `LlamaForCausalLM`: weights, configuration, tokenizer and model card.
 * Each file appears whole or not at all.
 */
export async function writeModelFolder(
  folder: string,
  model: ModelSettings,
  theta: Tensors,
  { lineage, tokenizer, shardBytes = SHARD_BYTES, signal }: WriteOptions = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const layout = parameterLayout(model);
  const tensors = layout.map((spec, index) => ({ ...spec, values: theta[index] }));
  await writeWeights(folder, tensors, shardBytes, signal);
  const files: Readonly<Record<string, Uint8Array>> = {
    "config.json": json(llamaConfig(model, tokenizer?.end.id)),
    "generation_config.json": json({
      do_sample: true,
      temperature: 0.7,
      top_p: 0.95,
      ...(tokenizer !== undefined && { eos_token_id: tokenizer.end.id }),
    }),
    "tokenizer.json": tokenizer?.json ?? json(byteTokenizer()),
    "tokenizer_config.json": json({
      ...byteTokenizerConfig,
      ...(tokenizer !== undefined && { eos_token: tokenizer.end.text }),
    }),
    ...(lineage !== undefined && {
      "README.md": new TextEncoder().encode(modelCard(model, parameterCount(layout), lineage)),
    }),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await replaceFile(path.join(folder, name), (file) => writeFile(file, bytes, { flush: true, signal }));
  }
}

/** A model out of a folder. */
export interface ReadModel {
  readonly model: ModelSettings;
  readonly theta: Tensors;
  /** Files of its tokenizer; undefined where there is none. */
  readonly tokenizer: { readonly json: Uint8Array; readonly config: Uint8Array | undefined } | undefined;
  /** Token that ends a text, where `config.json` names one. */
  readonly end: number | undefined;
}

/**
 * A model out of such a folder, ours or one that transformers wrote; 16-bit weights are widened.
 * @throws ModelConfigError, SafetensorsError (naming the tensor), or what the file system throws
 */
export async function readModelFolder(folder: string, signal?: AbortSignal): Promise<ReadModel> {
  const config = await readJson(path.join(folder, "config.json"));
  const model = settingsOf(config);
  const tokenizer = await readIfThere(path.join(folder, "tokenizer.json"));
  const tokenizerConfig = await readIfThere(path.join(folder, "tokenizer_config.json"));
  const layout = parameterLayout(model);
  const fileOf = await weightFiles(folder);
  const opened = new Map<string, SafetensorsFile>();
  try {
    const theta: Tensors = [];
    for (const spec of layout) {
      signal?.throwIfAborted();
      const name = fileOf(spec.name);
      let file = opened.get(name);
      file ??= await SafetensorsFile.open(path.join(folder, name));
      opened.set(name, file);
      theta.push(await file.read(spec));
    }
    return {
      model,
      theta,
      tokenizer: tokenizer && { json: tokenizer, config: tokenizerConfig },
      end: endOfText(config),
    };
  } finally {
    for (const file of opened.values()) await file.close();
  }
}

async function writeWeights(
  folder: string,
  tensors: readonly NamedValues[],
  shardBytes: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const shards: NamedValues[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const bytes = sizeOf(tensor) * Float32Array.BYTES_PER_ELEMENT;
    if (filled > 0 && filled + bytes > shardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards[shards.length - 1].push(tensor);
    filled += bytes;
  }
  const number = (value: number) => String(value).padStart(5, "0");
  const nameOf = (shard: number) =>
    shards.length === 1 ? WEIGHTS : `model-${number(shard + 1)}-of-${number(shards.length)}.safetensors`;
  for (const [index, shard] of shards.entries()) {
    await replaceFile(path.join(folder, nameOf(index)), (file) => writeSafetensorsFile(file, shard, signal));
  }
  const index = path.join(folder, INDEX);
  if (shards.length === 1) return rm(index, { force: true });
  const total = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
  const map = shards.flatMap((shard, at) => shard.map(({ name }) => [name, nameOf(at)] as const));
  const content = json({ metadata: { total_size: total }, weight_map: Object.fromEntries(map) });
  await replaceFile(index, (file) => writeFile(file, content, { flush: true, signal }));
  await rm(path.join(folder, WEIGHTS), { force: true });
}

const indexSchema = v.object({
  // A name, not a path: the index comes from elsewhere.
  weight_map: v.record(v.string(), v.pipe(v.string(), v.regex(/^[\w.-]+\.safetensors$/))),
});

/** Which file holds a tensor. */
async function weightFiles(folder: string): Promise<(tensor: string) => string> {
  let index: unknown;
  try {
    index = await readJson(path.join(folder, INDEX));
  } catch (error) {
    if (error instanceof ModelConfigError) throw error;
    return () => WEIGHTS; // no index: one file holds everything, or says what it lacks
  }
  const result = v.safeParse(indexSchema, index);
  if (!result.success) throw new SafetensorsError("its index is malformed");
  const files = new Map(Object.entries(result.output.weight_map));
  return (tensor) => {
    const file = files.get(tensor);
    if (file === undefined) throw new SafetensorsError("a tensor is missing", { tensor });
    return file;
  };
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readFile(file);
  if (bytes.length > MAX_JSON_BYTES) throw new ModelConfigError("$", `${path.basename(file)} is too large`);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new ModelConfigError("$", `${path.basename(file)} is not JSON`, cause);
  }
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

async function replaceFile(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${file}.${process.pid}.partial`;
  try {
    await write(temporary);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
