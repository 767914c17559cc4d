import { type InferenceSession, Tensor } from "onnxruntime-node";
import { openSession } from "../onnx/session.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { cachePort, decodeGraph, prefillGraph } from "./decodeGraphs.ts";
import { parameterFeeds } from "./feeds.ts";
import { port } from "./graphs.ts";
import { uniform } from "./initialState.ts";
import { choose, type Sampling } from "./sampling.ts";

export interface GenerationOptions extends Sampling {
  /** Tokens to write after the prompt. */
  readonly length: number;
  readonly seed: number;
  /** Ids from 0 on that may be written; the whole vocabulary unless given. */
  readonly choices?: number;
  /** An id that ends the text. */
  readonly end?: number;
}

/** Logits of the next token, and keys and values of all before it. */
interface Reading {
  readonly logits: Float32Array;
  readonly cache: Readonly<Record<string, Tensor>>;
}

/**
 * Writes on from a prompt, token by token. Keys and values of what has been read are kept, so that a token costs one
 * position and not the whole text. At the end of the context the newer half of it is read anew.
 */
export class Generator {
  readonly #model: ModelSettings;
  readonly #prefill: InferenceSession;
  readonly #decode: InferenceSession;

  private constructor(model: ModelSettings, prefill: InferenceSession, decode: InferenceSession) {
    this.#model = model;
    this.#prefill = prefill;
    this.#decode = decode;
  }

  static async open(model: ModelSettings, threads: number): Promise<Generator> {
    const prefill = await openSession(prefillGraph(model), { threads });
    return new Generator(model, prefill, await openSession(decodeGraph(model), { threads }));
  }

  /** The tokens that follow `prompt` (at least one token), each as soon as it is drawn. */
  async *continue(
    theta: Tensors,
    prompt: ArrayLike<number>,
    options: GenerationOptions,
  ): AsyncGenerator<number, void, undefined> {
    const { sequenceLength: context, vocab } = this.#model;
    const { length, seed, choices = vocab, end } = options;
    const parameters = parameterFeeds(this.#model, theta);
    const random = uniform(seed);
    const text = Array.from(prompt);
    let position = Math.min(text.length, context);
    let reading = await this.#read(parameters, text.slice(-context));
    for (let written = 0; written < length; written++) {
      const token = choose(reading.logits.subarray(0, choices), options, random);
      if (token === end) return;
      text.push(token);
      yield token;
      if (written + 1 === length) return;
      if (position < context) {
        reading = await this.#step(parameters, token, position, reading);
        position += 1;
      } else {
        const newer = text.slice(-Math.max(1, context >> 1));
        reading = await this.#read(parameters, newer);
        position = newer.length;
      }
    }
  }

  async #read(parameters: Readonly<Record<string, Tensor>>, text: readonly number[]): Promise<Reading> {
    const { sequenceLength } = this.#model;
    // Positions after the text hold zeros, which attention cannot see from before them.
    const tokens = new Int32Array(sequenceLength);
    tokens.set(text);
    const feeds = {
      ...parameters,
      [port.tokens]: new Tensor("int32", tokens, [sequenceLength]),
      [cachePort.position]: new Tensor("int64", [BigInt(text.length - 1)], [1]),
    };
    return this.#reading(await this.#prefill.run(feeds));
  }

  async #step(
    parameters: Readonly<Record<string, Tensor>>,
    token: number,
    position: number,
    { cache }: Reading,
  ): Promise<Reading> {
    const feeds = {
      ...parameters,
      ...cache,
      [port.tokens]: new Tensor("int32", Int32Array.of(token), [1]),
      [cachePort.position]: new Tensor("int64", [BigInt(position)], [1]),
    };
    return this.#reading(await this.#decode.run(feeds));
  }

  #reading(results: Readonly<Record<string, Tensor>>): Reading {
    const { data } = results[port.logits];
    if (!(data instanceof Float32Array)) throw new TypeError("expected fp32 logits");
    const cache: Record<string, Tensor> = {};
    for (let layer = 0; layer < this.#model.layers; layer++) {
      cache[cachePort.keys(layer)] = results[cachePort.nextKeys(layer)];
      cache[cachePort.values(layer)] = results[cachePort.nextValues(layer)];
    }
    return { logits: data, cache };
  }
}
