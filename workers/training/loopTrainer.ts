import { type InferenceSession, Tensor } from "onnxruntime-node";
import { port } from "../model/graphs.ts";
import { parameterLayout } from "../model/layout.ts";
import { innerPhaseGraph } from "../model/trainingGraphs.ts";
import { openSession } from "../onnx/session.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import type { TrainResult, TrainTask } from "./engineMessages.ts";
import { emptyState, nextFetches, resultOf, stateFeeds, stateOf } from "./stateTensors.ts";
import {
  checkLoss,
  floats,
  type StepScalars,
  scalarsAt,
  type Trainer,
  type TrainerSettings,
} from "./trainer.ts";

/** Steps in one run of the graph: between runs the state is copied and a request can be aborted. */
const STEPS_PER_RUN = 15;

/**
 * The inner loop as a `Loop` inside the graph, for a provider that copies inputs and outputs from and to the host in
 * every run and has no way to keep them: the copies are paid once in fifteen steps.
 */
export class LoopTrainer implements Trainer {
  readonly #settings: TrainerSettings;
  readonly #specs: readonly TensorSpec[];
  /** By number of steps: a graph has fixed shapes. */
  readonly #sessions = new Map<number, Promise<InferenceSession>>();

  constructor(settings: TrainerSettings) {
    this.#settings = settings;
    this.#specs = parameterLayout(settings.model);
  }

  async train(
    task: TrainTask,
    aborted: () => boolean,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainResult | undefined> {
    const losses = new Float64Array(task.batches.length);
    let current = stateOf(this.#specs, task);
    let next = emptyState(this.#specs);
    for (let start = 0; start < task.batches.length; start += STEPS_PER_RUN) {
      if (aborted()) return undefined;
      const batches = task.batches.slice(start, start + STEPS_PER_RUN);
      const scalars = batches.map((_, index) => scalarsAt(task, start + index, this.#settings.training));
      const session = await this.#session(batches.length);
      const feeds = { ...stateFeeds(this.#specs, current), ...this.#inputs(batches, scalars) };
      const results = await session.run(feeds, { ...nextFetches(this.#specs, next), [port.losses]: null });
      for (const [index, loss] of floats(results[port.losses]).entries()) {
        const step = task.firstStep + start + index;
        checkLoss(step, loss);
        losses[start + index] = loss;
        onStep(step, loss);
      }
      [current, next] = [next, current];
    }
    return { ...resultOf(current, task.moments.steps + task.batches.length), losses };
  }

  #session(steps: number): Promise<InferenceSession> {
    const { model, training, threads, profile } = this.#settings;
    let session = this.#sessions.get(steps);
    session ??= openSession(innerPhaseGraph(model, training, steps, profile), { threads });
    this.#sessions.set(steps, session);
    return session;
  }

  #inputs(batches: readonly Int32Array[], scalars: readonly StepScalars[]): Record<string, Tensor> {
    const { model, training } = this.#settings;
    const shape = [batches.length, training.batchSequences, model.sequenceLength + 1];
    const tokens = new Int32Array(shape[0] * shape[1] * shape[2]);
    for (const [index, batch] of batches.entries()) tokens.set(batch, index * batch.length);
    const list = (of: (scalars: StepScalars) => number) =>
      new Tensor("float32", Float32Array.from(scalars, of), [batches.length]);
    return {
      [port.tokens]: new Tensor("int32", tokens, shape),
      [port.learningRate]: list(({ learningRate }) => learningRate),
      [port.correction1]: list(({ correction1 }) => correction1),
      [port.correction2]: list(({ correction2 }) => correction2),
    };
  }
}
