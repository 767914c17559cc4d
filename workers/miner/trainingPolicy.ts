import type { DatasetReader } from "../data/datasetReader.ts";
import { assignedSequences, readSequences } from "../node/assignedSequences.ts";
import type { Beacons } from "../node/beacons.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Engine } from "../training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../training/errorFeedback.ts";
import type { MinerContext, Offer, RoundWork, UpdatePolicy } from "./updatePolicy.ts";

export interface TrainingPolicyOptions {
  readonly context: MinerContext;
  readonly beacons: Beacons;
  readonly dataset: DatasetReader;
  readonly engine: Engine;
}

/** Trains H inner steps on the sequences that the beacon assigns. */
export class TrainingPolicy implements UpdatePolicy {
  readonly #options: TrainingPolicyOptions;

  constructor(options: TrainingPolicyOptions) {
    this.#options = options;
  }

  async offer({ state, workerState }: RoundWork, signal: AbortSignal): Promise<Offer> {
    const { context, engine } = this.#options;
    const { innerSteps } = context.run.manifest.training;
    const result = await engine.trainInner({
      theta: state.theta,
      moments: workerState.moments,
      firstStep: state.round * innerSteps,
      batches: await this.#batches(state.round, signal),
      signal,
    });
    const delta = pseudoGradient(state.theta, result.theta);
    const decay = context.run.manifest.compression.errorFeedback;
    return {
      values: withErrorFeedback(workerState.errorFeedback, delta, decay),
      moments: result.moments,
      trainLoss: result.losses.reduce((sum, loss) => sum + loss, 0) / result.losses.length,
    };
  }

  async close(): Promise<void> {
    await this.#options.engine.close();
  }

  /** Tokens of each inner step: batchSequences × (T+1), row-major. */
  async #batches(round: Round, signal: AbortSignal): Promise<Int32Array[]> {
    const { context, beacons, dataset } = this.#options;
    const { training, model } = context.run.manifest;
    const sources = { run: context.run, beacons, dataset };
    const assigned = await assignedSequences(sources, context.neuronId, round, signal);
    const sequences = await readSequences(sources, assigned, signal);
    const width = model.sequenceLength + 1;
    const batches: Int32Array[] = [];
    for (let step = 0; step < training.innerSteps; step++) {
      const batch = new Int32Array(training.batchSequences * width);
      for (let row = 0; row < training.batchSequences; row++) {
        batch.set(sequences[step * training.batchSequences + row], row * width);
      }
      batches.push(batch);
    }
    return batches;
  }
}
