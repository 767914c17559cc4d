import { type InferenceSession, Tensor } from "onnxruntime-node";
import { port } from "../model/graphs.ts";
import { parameterLayout } from "../model/layout.ts";
import { trainStepGraph } from "../model/trainingGraphs.ts";
import { Graph } from "../onnx/graph.ts";
import { openSession } from "../onnx/session.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import type { TrainResult, TrainTask } from "./engineMessages.ts";
import { nextNames, nextState, resultOf, type StateTensors, stateFeeds, stateOf } from "./stateTensors.ts";
import { checkLoss, floats, scalarFeeds, scalarsAt, type Trainer, type TrainerSettings } from "./trainer.ts";

/**
 * The inner loop with its state in the device's buffers: it goes up once, each step's results are the next step's
 * inputs, and it comes down once. Micro-batches are not needed: memory is the device's.
 */
export class ResidentTrainer implements Trainer {
  readonly #settings: TrainerSettings;
  readonly #specs: readonly TensorSpec[];
  readonly #session: InferenceSession;
  readonly #transfer: Transfer;

  private constructor(settings: TrainerSettings, session: InferenceSession, transfer: Transfer) {
    this.#settings = settings;
    this.#specs = parameterLayout(settings.model);
    this.#session = session;
    this.#transfer = transfer;
  }

  static async open(settings: TrainerSettings): Promise<ResidentTrainer> {
    const { model, training, threads, profile } = settings;
    const specs = parameterLayout(model);
    const graph = trainStepGraph(model, training, profile);
    const session = await openSession(graph, { threads, resident: nextNames(specs) });
    return new ResidentTrainer(settings, session, await Transfer.open(settings));
  }

  async train(
    task: TrainTask,
    aborted: () => boolean,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainResult | undefined> {
    const { model, training } = this.#settings;
    const losses = new Float64Array(task.batches.length);
    let state = await this.#transfer.up(stateOf(this.#specs, task));
    try {
      for (const [index, batch] of task.batches.entries()) {
        if (aborted()) return undefined;
        const results = await this.#session.run({
          ...stateFeeds(this.#specs, state),
          ...scalarFeeds(scalarsAt(task, index, training)),
          [port.tokens]: new Tensor("int32", batch, [training.batchSequences, model.sequenceLength + 1]),
        });
        dispose(state);
        state = nextState(this.#specs, results);
        const step = task.firstStep + index;
        losses[index] = floats(results[port.loss])[0];
        checkLoss(step, losses[index]);
        onStep(step, losses[index]);
      }
      const down = await this.#transfer.down(state);
      return { ...resultOf(down, task.moments.steps + task.batches.length), losses };
    } finally {
      dispose(state);
    }
  }
}

/**
 * Moves tensors between host and device through a graph of identities, a tensor at a time: asking a device tensor for its
 * data ends the process (onnxruntime-node 1.30).
 */
export class Transfer {
  readonly #up: ReadonlyMap<string, InferenceSession>;
  readonly #down: ReadonlyMap<string, InferenceSession>;

  private constructor(
    up: ReadonlyMap<string, InferenceSession>,
    down: ReadonlyMap<string, InferenceSession>,
  ) {
    this.#up = up;
    this.#down = down;
  }

  static async open({ model, threads, profile }: Omit<TrainerSettings, "training">): Promise<Transfer> {
    const up = new Map<string, InferenceSession>();
    const down = new Map<string, InferenceSession>();
    for (const { shape } of parameterLayout(model)) {
      if (up.has(shape.join())) continue;
      const graph = new Graph("transfer", profile);
      graph.output(graph.input("from", shape), "to");
      up.set(shape.join(), await openSession(graph, { threads, resident: ["to"] }));
      down.set(shape.join(), await openSession(graph, { threads }));
    }
    return new Transfer(up, down);
  }

  up(state: StateTensors): Promise<StateTensors> {
    return this.#all(state, this.#up);
  }

  down(state: StateTensors): Promise<StateTensors> {
    return this.#all(state, this.#down);
  }

  upTensors(tensors: readonly Tensor[]): Promise<Tensor[]> {
    return move(tensors, this.#up);
  }

  async #all(state: StateTensors, by: ReadonlyMap<string, InferenceSession>): Promise<StateTensors> {
    return {
      parameters: await move(state.parameters, by),
      moments1: await move(state.moments1, by),
      moments2: await move(state.moments2, by),
    };
  }
}

async function move(
  tensors: readonly Tensor[],
  by: ReadonlyMap<string, InferenceSession>,
): Promise<Tensor[]> {
  const moved: Tensor[] = [];
  for (const tensor of tensors) {
    const session = by.get(tensor.dims.join());
    if (session === undefined) throw new Error(`no transfer for shape ${tensor.dims}`);
    moved.push((await session.run({ from: tensor })).to);
  }
  return moved;
}

/** Frees device buffers; host tensors stay. */
function dispose({ parameters, moments1, moments2 }: StateTensors): void {
  for (const tensor of [...parameters, ...moments1, ...moments2]) {
    if (tensor.location === "gpu-buffer") tensor.dispose();
  }
}
