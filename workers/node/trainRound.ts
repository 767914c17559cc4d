import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { Engine } from "../training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../training/errorFeedback.ts";
import type { WorkerState } from "../training/workerState.ts";
import { type AssignmentSources, assignedSequences, readSequences } from "./assignedSequences.ts";
import type { Offered } from "./composeUpdate.ts";
import type { ModelState } from "./stateContent.ts";

export interface TrainSources extends AssignmentSources {
  readonly engine: Pick<Engine, "trainInner">;
}

export interface TrainedRound extends Offered {
  /** Training loss before each step, nats per token. */
  readonly losses: Float64Array;
}

/**
 * A miner's round as the protocol fixes it: H inner steps from θ and its worker state, on the sequences that the beacon
 * assigns it. Whoever repeats it on an equal machine gets the same bits.
 * @param before left as it is
 * @throws what the engine, the data set and the signal cost
 */
export async function trainRound(
  sources: TrainSources,
  miner: NeuronId,
  { round, theta }: Pick<ModelState, "round" | "theta">,
  before: WorkerState,
  signal: AbortSignal,
): Promise<TrainedRound> {
  const { training, compression } = sources.run.manifest;
  const result = await sources.engine.trainInner({
    theta,
    moments: before.moments,
    firstStep: round * training.innerSteps,
    batches: await batchesOf(sources, miner, round, signal),
    signal,
  });
  const delta = pseudoGradient(theta, result.theta);
  return {
    values: withErrorFeedback(before.errorFeedback, delta, compression.errorFeedback),
    moments: result.moments,
    losses: result.losses,
  };
}

/** Tokens of each inner step: batchSequences × (T+1), row-major. */
async function batchesOf(
  sources: AssignmentSources,
  miner: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<Int32Array[]> {
  const { training, model } = sources.run.manifest;
  const assigned = await assignedSequences(sources, miner, round, signal);
  const sequences = await readSequences(sources, assigned, signal);
  const width = model.sequenceLength + 1;
  return Array.from({ length: training.innerSteps }, (_, step) => {
    const batch = new Int32Array(training.batchSequences * width);
    for (let row = 0; row < training.batchSequences; row++)
      batch.set(sequences[step * training.batchSequences + row], row * width);
    return batch;
  });
}
