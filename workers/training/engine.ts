import { Worker } from "node:worker_threads";
import { parameterLayout } from "../model/layout.ts";
import { type FailedAllocation, failedAllocation } from "../onnx/outOfMemory.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import { sizeOf, type TensorSpec, type Tensors } from "../protocol/tensors.ts";
import { cpuDevice, type Device } from "./device.ts";
import { DivergedError, EngineFailedError, EngineInputError } from "./engineErrors.ts";
import type { EngineData, EngineReply, EngineRequest, EngineTask, TrainResult } from "./engineMessages.ts";
import { OutOfMemoryError } from "./memory.ts";
import type { Moments } from "./workerState.ts";

export interface EngineOptions {
  readonly model: ModelSettings;
  readonly training: TrainingSettings;
  /** Threads onnxruntime may use; 1 where several workers share a machine. Results do not depend on it. */
  readonly threads?: number;
  /** Sequences in one run of the evaluation graph (16): part of what fixes a loss's last bits. */
  readonly evaluationBatch?: number;
  /** The CPU unless given; `chooseDevice` finds a better one. */
  readonly device?: Device;
}

export interface InnerPhase {
  readonly theta: Tensors;
  readonly moments: Moments;
  /** Index in the run of the first step, from 0: decides the learning rates. */
  readonly firstStep: number;
  /** One per step: batchSequences × (T+1) tokens, row-major; −1 − t is token t, not counted as a prediction. */
  readonly batches: readonly Int32Array[];
  readonly signal: AbortSignal;
  /** Called after each step with its index in the run and its loss. */
  readonly onStep?: (step: number, loss: number) => void;
}

export interface Continuation {
  readonly length: number;
  /** 0 (the default) takes the likeliest token. */
  readonly temperature?: number;
  readonly seed?: number;
  /** Ids from 0 on that may be written; the whole vocabulary unless given. */
  readonly choices?: number;
  /** An id that ends the text. */
  readonly end?: number | undefined;
  readonly signal: AbortSignal;
}

interface Pending {
  readonly resolve: (reply: EngineReply) => void;
  readonly reject: (error: Error) => void;
  readonly onStep: ((step: number, loss: number) => void) | undefined;
}

/**
 * Trains, evaluates and generates on onnxruntime in a thread of its own, so that the caller's event loop stays free.
 * Requests are worked off in order. A signal ends its request between two steps, with the signal's reason.
 */
export class Engine {
  readonly #worker: Worker;
  readonly #layout: readonly TensorSpec[];
  readonly #model: ModelSettings;
  readonly #training: TrainingSettings;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  readonly #device: Device;
  #ended: EngineFailedError | OutOfMemoryError | undefined;

  constructor(options: EngineOptions) {
    const { model, training, threads = 1, evaluationBatch = 16, device = cpuDevice } = options;
    this.#model = model;
    this.#training = training;
    this.#device = device;
    this.#layout = parameterLayout(model);
    const workerData: EngineData = { model, training, threads, evaluationBatch, device };
    this.#worker = new Worker(new URL("./engineThread.ts", import.meta.url), { workerData });
    this.#worker.on("message", (reply: EngineReply) => this.#receive(reply));
    this.#worker.on("error", (cause) => {
      const failed = failedAllocation(cause);
      this.#end(
        failed ? this.#outOfMemory(failed, cause) : new EngineFailedError("its thread failed", cause),
      );
    });
    this.#worker.on("exit", () => this.#end(new EngineFailedError("it is closed")));
    // An engine without work must not keep a process alive.
    this.#worker.unref();
  }

  /**
   * One AdamW step per batch from θ and the moments, which stay untouched.
   * @throws EngineInputError, DivergedError, OutOfMemoryError, EngineFailedError
   */
  async trainInner(phase: InnerPhase): Promise<TrainResult> {
    const { theta, moments, firstStep, batches } = phase;
    this.#checkTensors("theta", theta);
    this.#checkTensors("moments.first", moments.first);
    this.#checkTensors("moments.second", moments.second);
    const width = this.#training.batchSequences * (this.#model.sequenceLength + 1);
    for (const batch of batches) this.#checkTokens(batch, width);
    const task: EngineTask = { kind: "train", theta, moments, firstStep, batches };
    const reply = await this.#request(task, phase.signal, phase.onStep);
    if (reply.kind !== "trained") throw new EngineFailedError(`unexpected answer ${reply.kind}`);
    return reply.result;
  }

  /**
   * Mean loss of each sequence of T+1 tokens under θ, nats per token.
   * @throws EngineInputError, OutOfMemoryError, EngineFailedError
   */
  async sequenceLosses(
    theta: Tensors,
    sequences: readonly Int32Array[],
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Float64Array> {
    this.#checkTensors("theta", theta);
    for (const sequence of sequences) this.#checkTokens(sequence, this.#model.sequenceLength + 1);
    const reply = await this.#request({ kind: "evaluate", theta, sequences }, signal);
    if (reply.kind !== "evaluated") throw new EngineFailedError(`unexpected answer ${reply.kind}`);
    return reply.losses;
  }

  /**
   * Tokens that follow a prompt of at least one token.
   * @throws EngineInputError, OutOfMemoryError, EngineFailedError
   */
  async generate(theta: Tensors, prompt: Int32Array, options: Continuation): Promise<Int32Array> {
    this.#checkTensors("theta", theta);
    this.#checkTokens(prompt, Math.max(1, prompt.length));
    const { length, temperature = 0, seed = 0, choices = this.#model.vocab, end, signal } = options;
    const task: EngineTask = { kind: "generate", theta, prompt, length, temperature, seed, choices, end };
    const reply = await this.#request(task, signal);
    if (reply.kind !== "generated") throw new EngineFailedError(`unexpected answer ${reply.kind}`);
    return reply.tokens;
  }

  /** Ends the thread; requests under way fail with EngineFailedError. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #request(
    task: EngineTask,
    signal: AbortSignal,
    onStep?: (step: number, loss: number) => void,
  ): Promise<EngineReply> {
    signal.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#nextId++;
    const aborted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const abort = () => Atomics.store(aborted, 0, 1);
    signal.addEventListener("abort", abort, { once: true });
    this.#worker.ref();
    try {
      const reply = await new Promise<EngineReply>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onStep });
        const request: EngineRequest = { id, task, aborted };
        this.#worker.postMessage(request);
      });
      if (reply.kind === "aborted") throw signal.reason;
      if (reply.kind === "diverged") throw new DivergedError(reply.step, reply.loss);
      if (reply.kind === "outOfMemory") throw this.#outOfMemory(reply, new Error(reply.problem));
      if (reply.kind === "failed") throw new EngineFailedError(reply.problem);
      return reply;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#pending.delete(id);
      if (this.#pending.size === 0) this.#worker.unref();
    }
  }

  #receive(reply: EngineReply): void {
    const pending = this.#pending.get(reply.id);
    if (reply.kind === "step") pending?.onStep?.(reply.step, reply.loss);
    else pending?.resolve(reply);
  }

  #outOfMemory({ requested }: FailedAllocation, cause: unknown): OutOfMemoryError {
    const need = { model: this.#model, training: this.#training, device: this.#device };
    return new OutOfMemoryError(need, requested, cause);
  }

  #end(error: EngineFailedError | OutOfMemoryError): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
  }

  #checkTensors(what: string, tensors: Tensors): void {
    if (tensors.length !== this.#layout.length) {
      const data = { given: tensors.length, expected: this.#layout.length };
      throw new EngineInputError(`${what} has the wrong number of tensors`, data);
    }
    for (const [index, spec] of this.#layout.entries()) {
      if (tensors[index].length === sizeOf(spec)) continue;
      const data = { tensor: spec.name, given: tensors[index].length, expected: sizeOf(spec) };
      throw new EngineInputError(`${what} has a tensor of the wrong size`, data);
    }
  }

  #checkTokens(tokens: Int32Array, expected: number): void {
    if (tokens.length !== expected) {
      throw new EngineInputError("wrong number of tokens", { given: tokens.length, expected });
    }
    // A negative token −1 − t is a t whose prediction is not counted.
    const wrong = tokens.find((token) => (token < 0 ? -1 - token : token) >= this.#model.vocab);
    if (wrong !== undefined) throw new EngineInputError("token outside the vocabulary", { token: wrong });
  }
}
