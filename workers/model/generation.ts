import { type InferenceSession, Tensor } from "onnxruntime-node";
import { openSession } from "../onnx/session.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { logitsGraph, port } from "./graphs.ts";
import { uniform } from "./initialState.ts";
import { parameterLayout } from "./layout.ts";

export interface SamplingOptions {
  /** Bytes to write after the prompt. */
  readonly length: number;
  /** 0 takes the likeliest byte; 1 samples from the model's distribution. */
  readonly temperature: number;
  readonly seed: number;
}

/** Writes on from a prompt, byte by byte, by running the model over the last T bytes each time. */
export class Generator {
  readonly #session: InferenceSession;
  readonly #model: ModelSettings;

  private constructor(session: InferenceSession, model: ModelSettings) {
    this.#session = session;
    this.#model = model;
  }

  static async open(model: ModelSettings, threads: number): Promise<Generator> {
    return new Generator(await openSession(logitsGraph(model), { threads }), model);
  }

  /** `length` bytes that follow the prompt (at least one byte). `undefined` when aborted before a byte. */
  async continue(
    theta: Tensors,
    prompt: Uint8Array,
    options: SamplingOptions,
    aborted: () => boolean,
  ): Promise<Uint8Array | undefined> {
    const random = uniform(options.seed);
    const text = new Uint8Array(prompt.length + options.length);
    text.set(prompt);
    for (let end = prompt.length; end < text.length; end++) {
      if (aborted()) return undefined;
      const logits = await this.#nextLogits(theta, text.subarray(0, end));
      text[end] = choose(logits.subarray(0, 256), options.temperature, random);
    }
    return text.slice(prompt.length);
  }

  async #nextLogits(theta: Tensors, text: Uint8Array): Promise<Float32Array> {
    const { sequenceLength, vocab } = this.#model;
    const context = text.subarray(Math.max(0, text.length - sequenceLength));
    // Positions after the last byte hold zeros, which attention cannot see from before them.
    const tokens = new Int32Array(sequenceLength);
    tokens.set(context);
    const feeds: Record<string, Tensor> = { [port.tokens]: new Tensor("int32", tokens, [sequenceLength]) };
    for (const [index, { name, shape }] of parameterLayout(this.#model).entries()) {
      feeds[port.parameter(name)] = new Tensor("float32", theta[index], shape);
    }
    const { data } = (await this.#session.run(feeds))[port.logits];
    if (!(data instanceof Float32Array)) throw new TypeError("expected fp32 logits");
    return data.subarray((context.length - 1) * vocab, context.length * vocab);
  }
}

/** Index drawn from softmax(logits / temperature); of the largest logit at temperature 0. */
export function choose(logits: Float32Array, temperature: number, random: () => number): number {
  const largest = logits.reduce((best, logit, index) => (logit > logits[best] ? index : best), 0);
  if (temperature === 0) return largest;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[largest]) / temperature));
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return index;
  }
  return largest;
}
