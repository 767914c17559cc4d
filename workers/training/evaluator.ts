import { type InferenceSession, Tensor } from "onnxruntime-node";
import { evaluationGraph, port } from "../model/graphs.ts";
import { parameterLayout } from "../model/layout.ts";
import { openSession } from "../onnx/session.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { EvaluateTask } from "./engineMessages.ts";
import { floats } from "./trainer.ts";

/** Losses of single sequences on one onnxruntime session. Blocks its thread during a batch. */
export class Evaluator {
  readonly #session: InferenceSession;
  readonly #model: ModelSettings;
  readonly #batch: number;

  private constructor(session: InferenceSession, model: ModelSettings, batch: number) {
    this.#session = session;
    this.#model = model;
    this.#batch = batch;
  }

  static async open(model: ModelSettings, batch: number, threads: number): Promise<Evaluator> {
    const session = await openSession(evaluationGraph(model, batch), { threads });
    return new Evaluator(session, model, batch);
  }

  /** Mean loss per token of each sequence, nats. `undefined` when `aborted` answered yes before a batch. */
  async losses(task: EvaluateTask, aborted: () => boolean): Promise<Float64Array | undefined> {
    const { sequences } = task;
    const width = this.#model.sequenceLength + 1;
    const feeds: Record<string, Tensor> = {};
    for (const [index, { name, shape }] of parameterLayout(this.#model).entries()) {
      feeds[port.parameter(name)] = new Tensor("float32", task.theta[index], shape);
    }
    const losses = new Float64Array(sequences.length);
    for (let start = 0; start < sequences.length; start += this.#batch) {
      if (aborted()) return undefined;
      // The graph's batch is fixed: the last one is filled up with zeros, whose losses are left out.
      const tokens = new Int32Array(this.#batch * width);
      const batch = sequences.slice(start, start + this.#batch);
      for (const [row, sequence] of batch.entries()) tokens.set(sequence, row * width);
      feeds[port.tokens] = new Tensor("int32", tokens, [this.#batch, width]);
      const results = floats((await this.#session.run(feeds))[port.losses]);
      losses.set(results.subarray(0, batch.length), start);
    }
    return losses;
  }
}
