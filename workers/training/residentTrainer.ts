import { type InferenceSession, Tensor } from "onnxruntime-node";
import { port } from "../model/graphs.ts";
import { parameterLayout } from "../model/layout.ts";
import { trainStepGraph } from "../model/trainingGraphs.ts";
import { openSession } from "../onnx/session.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import type { TrainResult, TrainTask } from "./engineMessages.ts";
import { nextNames, nextState, resultOf, type StateTensors, stateFeeds, stateOf } from "./stateTensors.ts";
import { checkLoss, floats, scalarFeeds, scalarsAt, type Trainer, type TrainerSettings } from "./trainer.ts";
import { disposeResident, Transfer } from "./transfer.ts";

/**
 * The inner loop with its state in the device's buffers: it goes up once, each step's results are the next step's
 * inputs, and it comes down once. Micro-batches are not needed: memory is the device's.
 */
export class ResidentTrainer implements Trainer {
  readonly #settings: TrainerSettings;
  readonly #specs: readonly TensorSpec[];
  readonly #session: InferenceSession;
  readonly #upload: Transfer;
  readonly #download: Transfer;

  private constructor(
    settings: TrainerSettings,
    session: InferenceSession,
    upload: Transfer,
    download: Transfer,
  ) {
    this.#settings = settings;
    this.#specs = parameterLayout(settings.model);
    this.#session = session;
    this.#upload = upload;
    this.#download = download;
  }

  static async open(settings: TrainerSettings): Promise<ResidentTrainer> {
    const { model, training, threads, profile } = settings;
    const specs = parameterLayout(model);
    const graph = trainStepGraph(model, training, profile);
    const session = await openSession(graph, { threads, resident: nextNames(specs) });
    const upload = await Transfer.open("up", settings);
    return new ResidentTrainer(settings, session, upload, await Transfer.open("down", settings));
  }

  async train(
    task: TrainTask,
    aborted: () => boolean,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainResult | undefined> {
    const { model, training } = this.#settings;
    const losses = new Float64Array(task.batches.length);
    let state = await moved(stateOf(this.#specs, task), this.#upload);
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
      const down = await moved(state, this.#download);
      return { ...resultOf(down, task.moments.steps + task.batches.length), losses };
    } finally {
      dispose(state);
    }
  }
}

async function moved(state: StateTensors, by: Transfer): Promise<StateTensors> {
  return {
    parameters: await by.move(state.parameters),
    moments1: await by.move(state.moments1),
    moments2: await by.move(state.moments2),
  };
}

function dispose({ parameters, moments1, moments2 }: StateTensors): void {
  disposeResident([...parameters, ...moments1, ...moments2]);
}
