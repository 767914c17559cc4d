import { Tensor } from "onnxruntime-node";
import { port } from "../model/graphs.ts";
import { parameterLayout } from "../model/layout.ts";
import { accumulationGraph, applyGraph, trainStepGraph } from "../model/trainingGraphs.ts";
import { openSession } from "../onnx/session.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import type { TrainResult, TrainTask } from "./engineMessages.ts";
import {
  emptyState,
  emptyTensors,
  nextFetches,
  resultOf,
  type StateTensors,
  stateFeeds,
  stateOf,
} from "./stateTensors.ts";
import {
  checkLoss,
  floats,
  type StepScalars,
  scalar,
  scalarFeeds,
  scalarsAt,
  type Trainer,
  type TrainerSettings,
} from "./trainer.ts";

/** Writes the state after a step into `to` and returns the loss before it. */
type Step = (
  from: StateTensors,
  to: StateTensors,
  batch: Int32Array,
  scalars: StepScalars,
) => Promise<number>;

/**
 * The inner loop with its state in host arrays. Two sets take turns as input and output, so that a step allocates
 * nothing; one of them is the task's own, which is used up.
 */
export class HostTrainer implements Trainer {
  readonly #settings: TrainerSettings;
  readonly #specs: readonly TensorSpec[];
  readonly #step: Step;

  private constructor(settings: TrainerSettings, step: Step) {
    this.#settings = settings;
    this.#specs = parameterLayout(settings.model);
    this.#step = step;
  }

  static async open(settings: TrainerSettings): Promise<HostTrainer> {
    const { batchSequences, microBatchSequences = batchSequences } = settings.training;
    const whole = microBatchSequences === batchSequences;
    const step = whole ? await wholeStep(settings) : await accumulatedStep(settings, microBatchSequences);
    return new HostTrainer(settings, step);
  }

  async train(
    task: TrainTask,
    aborted: () => boolean,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainResult | undefined> {
    const { training } = this.#settings;
    let current = stateOf(this.#specs, task);
    let next = emptyState(this.#specs);
    const losses = new Float64Array(task.batches.length);
    for (const [index, batch] of task.batches.entries()) {
      if (aborted()) return undefined;
      const loss = await this.#step(current, next, batch, scalarsAt(task, index, training));
      const step = task.firstStep + index;
      checkLoss(step, loss);
      losses[index] = loss;
      [current, next] = [next, current];
      onStep(step, loss);
    }
    return { ...resultOf(current, task.moments.steps + task.batches.length), losses };
  }
}

/** A step as one run of one graph. */
async function wholeStep({ model, training, threads, profile }: TrainerSettings): Promise<Step> {
  const specs = parameterLayout(model);
  const session = await openSession(trainStepGraph(model, training, profile), { threads });
  return async (from, to, batch, scalars) => {
    const tokens = tokensOf(batch, training.batchSequences);
    const feeds = { ...stateFeeds(specs, from), ...scalarFeeds(scalars), [port.tokens]: tokens };
    const results = await session.run(feeds, { ...nextFetches(specs, to), [port.loss]: null });
    return floats(results[port.loss])[0];
  };
}

/** A step in micro-batches: gradients add up over several runs, then one run applies them. */
async function accumulatedStep(settings: TrainerSettings, sequences: number): Promise<Step> {
  const { model, training, threads, profile } = settings;
  const specs = parameterLayout(model);
  const accumulate = await openSession(accumulationGraph(model, sequences, profile), { threads });
  const apply = await openSession(applyGraph(model, training, profile), { threads });
  let gradients = emptyTensors(specs);
  let next = emptyTensors(specs);
  return async (from, to, batch, scalars) => {
    const state = stateFeeds(specs, from);
    for (const gradient of gradients) floats(gradient).fill(0);
    let [loss, count] = [scalar(0), scalar(0)];
    const width = batch.length / training.batchSequences;
    for (let start = 0; start < training.batchSequences; start += sequences) {
      const part = batch.subarray(start * width, (start + sequences) * width);
      const feeds: Record<string, Tensor> = { [port.tokens]: tokensOf(part, sequences) };
      Object.assign(feeds, { [port.loss]: loss, [port.count]: count });
      const fetches: Record<string, Tensor | null> = { [nextLoss]: null, [nextCount]: null };
      for (const [index, { name }] of specs.entries()) {
        feeds[port.parameter(name)] = from.parameters[index];
        feeds[port.gradient(name)] = gradients[index];
        fetches[port.nextGradient(name)] = next[index];
      }
      const results = await accumulate.run(feeds, fetches);
      [loss, count] = [scalar(floats(results[nextLoss])[0]), scalar(floats(results[nextCount])[0])];
      [gradients, next] = [next, gradients];
    }
    const feeds: Record<string, Tensor> = { ...state, ...scalarFeeds(scalars), [port.count]: count };
    for (const [index, { name }] of specs.entries()) feeds[port.gradient(name)] = gradients[index];
    await apply.run(feeds, nextFetches(specs, to));
    return floats(loss)[0] / Math.max(1, floats(count)[0]);
  };
}

const nextLoss = `next.${port.loss}`;
const nextCount = `next.${port.count}`;

/** @param batch sequences of equal length, one after the other */
function tokensOf(batch: Int32Array, sequences: number): Tensor {
  return new Tensor("int32", batch, [sequences, batch.length / sequences]);
}
