import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { Engine } from "../training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../training/errorFeedback.ts";
import { caughtUp, lateSteps, standIn } from "../training/lateSteps.ts";
import type { Moments, WorkerState } from "../training/workerState.ts";
import { type AssignmentSources, assignedSequences, readSequences } from "./assignedSequences.ts";
import type { Offered } from "./composeUpdate.ts";
import type { LateStart } from "./lateStart.ts";
import type { ModelState } from "./stateContent.ts";

export interface TrainSources extends AssignmentSources {
  readonly engine: Pick<Engine, "trainInner">;
}

export interface TrainedRound extends Offered {
  /** Training loss before each step, nats per token. */
  readonly losses: Float64Array;
}

/** What a round's late steps came to. */
export interface LateSteps {
  readonly round: Round;
  /** What stood in for θ, and where the steps have led from there. */
  readonly stoodIn: Tensors;
  readonly moved: Tensors;
  readonly moments: Moments;
  /** As many as there were steps. */
  readonly losses: Float64Array;
}

/**
 * A miner's round as the protocol fixes it: H inner steps from θ and its worker state, on the sequences that the beacon
 * assigns it. Whoever repeats it on an equal machine gets the same bits.
 * @param before left as it is
 * @param late the round's first steps, where they were made while the updates of the round before travelled
 * @throws what the engine, the data set and the signal cost
 */
export async function trainRound(
  sources: TrainSources,
  miner: NeuronId,
  { round, theta }: Pick<ModelState, "round" | "theta">,
  before: WorkerState,
  signal: AbortSignal,
  late?: LateSteps,
): Promise<TrainedRound> {
  const { training, compression } = sources.run.manifest;
  const made = late?.losses.length ?? 0;
  const batches = await batchesOf(sources, miner, round, signal);
  const result = await sources.engine.trainInner({
    theta: late === undefined ? theta : caughtUp(late.moved, theta, late.stoodIn),
    moments: late?.moments ?? before.moments,
    firstStep: round * training.innerSteps + made,
    batches: batches.slice(made),
    signal,
  });
  const delta = pseudoGradient(theta, result.theta);
  return {
    values: withErrorFeedback(before.errorFeedback, delta, compression.errorFeedback),
    moments: result.moments,
    losses: Float64Array.of(...(late?.losses ?? []), ...result.losses),
  };
}

/**
 * The first steps of a round, made before θ of the round is known: from what stands in for it, on the sequences and at the
 * learning rates that these steps have anyway.
 * @param before worker state that the round starts with; left as it is
 * @throws as `trainRound`
 */
export async function trainLateSteps(
  sources: TrainSources,
  miner: NeuronId,
  { round, from, sent }: LateStart,
  before: WorkerState,
  signal: AbortSignal,
): Promise<LateSteps> {
  const { manifest } = sources.run;
  const stoodIn = standIn(from.theta, sent, manifest.outer);
  const batches = await batchesOf(sources, miner, round, signal);
  const { theta, moments, losses } = await sources.engine.trainInner({
    theta: stoodIn,
    moments: before.moments,
    firstStep: round * manifest.training.innerSteps,
    batches: batches.slice(0, lateSteps(manifest, round)),
    signal,
  });
  return { round, stoodIn, moved: theta, moments, losses };
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
