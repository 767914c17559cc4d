import { type InferenceSession, Tensor } from "onnxruntime-node";
import { port, trainStepGraph } from "../model/graphs.ts";
import { parameterLayout } from "../model/layout.ts";
import { openSession } from "../onnx/session.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import type { TensorSpec, Tensors } from "../protocol/tensors.ts";
import { sizeOf } from "../protocol/tensors.ts";
import { DivergedError } from "./engineErrors.ts";
import type { TrainResult, TrainTask } from "./engineMessages.ts";
import { learningRateAt } from "./schedule.ts";

/** The three tensors onnxruntime sees for each parameter, in manifest order. */
interface DeviceState {
  readonly parameters: Tensor[];
  readonly moments1: Tensor[];
  readonly moments2: Tensor[];
}

/** The inner loop on one onnxruntime session. Blocks its thread during a step. */
export class Trainer {
  readonly #session: InferenceSession;
  readonly #model: ModelSettings;
  readonly #training: TrainingSettings;
  readonly #layout: readonly TensorSpec[];

  private constructor(session: InferenceSession, model: ModelSettings, training: TrainingSettings) {
    this.#session = session;
    this.#model = model;
    this.#training = training;
    this.#layout = parameterLayout(model);
  }

  static async open(model: ModelSettings, training: TrainingSettings, threads: number): Promise<Trainer> {
    const session = await openSession(trainStepGraph(model, training), { threads });
    return new Trainer(session, model, training);
  }

  /**
   * One AdamW step per batch. `undefined` when `aborted` answered yes before a step.
   * @throws DivergedError
   */
  async train(
    task: TrainTask,
    aborted: () => boolean,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainResult | undefined> {
    // Two sets of arrays take turns as input and output, so that a step allocates nothing.
    let current = this.#stateOf(task.theta, task.moments.first, task.moments.second);
    let next = this.#emptyState();
    const losses = new Float64Array(task.batches.length);
    for (const [index, batch] of task.batches.entries()) {
      if (aborted()) return undefined;
      const step = task.firstStep + index;
      const loss = await this.#step(current, next, batch, step, task.moments.steps + index + 1);
      if (!Number.isFinite(loss)) throw new DivergedError(step, loss);
      losses[index] = loss;
      [current, next] = [next, current];
      onStep(step, loss);
    }
    return {
      theta: current.parameters.map(floats),
      moments: {
        first: current.moments1.map(floats),
        second: current.moments2.map(floats),
        steps: task.moments.steps + task.batches.length,
      },
      losses,
    };
  }

  async #step(from: DeviceState, to: DeviceState, batch: Int32Array, step: number, momentStep: number) {
    const { batchSequences, beta1, beta2 } = this.#training;
    const scalar = (value: number) => new Tensor("float32", Float32Array.of(value), []);
    const feeds: Record<string, Tensor> = {
      [port.tokens]: new Tensor("int32", batch, [batchSequences, this.#model.sequenceLength + 1]),
      [port.learningRate]: scalar(learningRateAt(step, this.#training)),
      [port.correction1]: scalar(1 / (1 - beta1 ** momentStep)),
      [port.correction2]: scalar(1 / (1 - beta2 ** momentStep)),
    };
    const fetches: Record<string, Tensor | null> = { [port.loss]: null };
    for (const [index, { name }] of this.#layout.entries()) {
      feeds[port.parameter(name)] = from.parameters[index];
      feeds[port.moment1(name)] = from.moments1[index];
      feeds[port.moment2(name)] = from.moments2[index];
      fetches[port.nextParameter(name)] = to.parameters[index];
      fetches[port.nextMoment1(name)] = to.moments1[index];
      fetches[port.nextMoment2(name)] = to.moments2[index];
    }
    const results = await this.#session.run(feeds, fetches);
    return floats(results[port.loss])[0];
  }

  #stateOf(theta: Tensors, first: Tensors, second: Tensors): DeviceState {
    const wrap = (values: Tensors) =>
      this.#layout.map(({ shape }, index) => new Tensor("float32", values[index], shape));
    return { parameters: wrap(theta), moments1: wrap(first), moments2: wrap(second) };
  }

  #emptyState(): DeviceState {
    const empty = () => this.#layout.map((spec) => new Float32Array(sizeOf(spec)));
    return this.#stateOf(empty(), empty(), empty());
  }
}

/** The values of a fp32 tensor. */
export function floats(tensor: { readonly data: unknown }): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError("expected a fp32 tensor");
  return tensor.data;
}
