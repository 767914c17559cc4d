import type { Offer, RoundWork, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import {
  type AssignmentSources,
  assignedSequences,
  readSequences,
} from "../../workers/node/assignedSequences.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import type { Engine } from "../../workers/training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../../workers/training/errorFeedback.ts";

/** What a miner does otherwise than it should when it trains. */
export interface Variation {
  /** Inner steps to make; all unless given. */
  readonly steps?: number;
  /** Rounds by which the state it starts from is too old. */
  readonly age?: number;
  /** Sequences to train on instead of the assigned ones. */
  readonly sequences?: (round: Round, count: number, signal: AbortSignal) => Promise<readonly Int32Array[]>;
}

export interface VariedTrainingOptions extends AssignmentSources {
  readonly neuronId: NeuronId;
  readonly engine: Engine;
  readonly variation: Variation;
}

/** Trains as `TrainingPolicy` does, but for one variation. */
export class VariedTraining implements UpdatePolicy {
  readonly #options: VariedTrainingOptions;
  /** States seen so far, the newest last. */
  readonly #seen: Tensors[] = [];

  constructor(options: VariedTrainingOptions) {
    this.#options = options;
  }

  async offer({ state, workerState }: RoundWork, signal: AbortSignal): Promise<Offer> {
    const { run, engine, variation } = this.#options;
    const { innerSteps } = run.manifest.training;
    const { steps = innerSteps, age = 0 } = variation;
    this.#seen.push(state.theta);
    const theta = this.#seen.at(-1 - age) ?? this.#seen[0];
    if (this.#seen.length > age + 1) this.#seen.shift();
    const batches = (await this.#batches(state.round, signal)).slice(0, steps);
    const firstStep = state.round * innerSteps;
    const result = await engine.trainInner({
      theta,
      moments: workerState.moments,
      firstStep,
      batches,
      signal,
    });
    const delta = pseudoGradient(theta, result.theta);
    const decay = run.manifest.compression.errorFeedback;
    return { values: withErrorFeedback(workerState.errorFeedback, delta, decay), moments: result.moments };
  }

  async close(): Promise<void> {}

  /** Tokens of each inner step: batchSequences × (T+1), row-major. */
  async #batches(round: Round, signal: AbortSignal): Promise<Int32Array[]> {
    const { run, neuronId, variation } = this.#options;
    const { innerSteps, batchSequences } = run.manifest.training;
    const width = run.manifest.model.sequenceLength + 1;
    const sequences =
      variation.sequences === undefined
        ? await readSequences(
            this.#options,
            await assignedSequences(this.#options, neuronId, round, signal),
            signal,
          )
        : await variation.sequences(round, innerSteps * batchSequences, signal);
    return Array.from({ length: innerSteps }, (_, step) => {
      const batch = new Int32Array(batchSequences * width);
      for (let row = 0; row < batchSequences; row++)
        batch.set(sequences[step * batchSequences + row], row * width);
      return batch;
    });
  }
}
