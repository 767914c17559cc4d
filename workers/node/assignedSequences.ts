import type { DatasetReader } from "../data/datasetReader.ts";
import {
  batchSequences,
  ownSequences,
  randomSequences,
  type SequenceRef,
  shardsOf,
} from "../protocol/assignment.ts";
import { epochOf, firstRoundOf } from "../protocol/clock.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { Beacons } from "./beacons.ts";
import type { Run } from "./run.ts";

/** Where an assignment comes from. */
export interface AssignmentSources {
  readonly run: Run;
  readonly beacons: Beacons;
  readonly dataset: DatasetReader;
}

/** The tokens of assigned sequences, T + 1 each. */
export async function readSequences(
  { run, dataset }: AssignmentSources,
  refs: readonly SequenceRef[],
  signal: AbortSignal,
): Promise<Int32Array[]> {
  return dataset.sequences(refs, run.manifest.model.sequenceLength, signal);
}

/** Sequences in every shard of the data set. */
export function shardSequences({ run, dataset }: AssignmentSources): number[] {
  const { sequenceLength } = run.manifest.model;
  return Array.from({ length: dataset.shardCount }, (_, shard) =>
    dataset.sequenceCount(shard, sequenceLength),
  );
}

/**
 * Every sequence a miner is assigned in a round, in training order (DESIGN §7): H × batchSequences of them. Where late
 * steps begin before the round does, the beacon of the round before assigns them; of round 0 its own.
 */
export async function assignedSequences(
  { run, beacons, dataset }: AssignmentSources,
  miner: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<SequenceRef[]> {
  const { clock } = run.contracts;
  const { data, training, overlap = 0 } = run.manifest;
  const drawn = Math.max(0, round - overlap);
  const epochBeacon = await beacons.of("data", firstRoundOf(clock, epochOf(clock, drawn)), signal);
  const roundBeacon = await beacons.of("data", drawn, signal);
  const counts = shardSequences({ run, beacons, dataset });
  const shards = shardsOf(epochBeacon, miner, data.shardsPerEpoch, counts.length);
  return batchSequences(roundBeacon, miner, training.innerSteps * training.batchSequences, shards, counts);
}

/** Sequences on which a validator evaluates every update of a round. Waits for the round's end. */
export async function evaluatedRandomSequences(
  sources: AssignmentSources,
  validator: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<SequenceRef[]> {
  const { scoring, data } = sources.run.manifest;
  const beacon = await sources.beacons.of("eval", round, signal);
  return randomSequences(
    beacon,
    validator,
    scoring.randomSequences,
    shardSequences(sources),
    data.evalSequences,
  );
}

/** Sequences among those a miner was assigned on which its update is evaluated. Waits for the round's end. */
export async function evaluatedOwnSequences(
  sources: AssignmentSources,
  miner: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<SequenceRef[]> {
  const beacon = await sources.beacons.of("eval", round, signal);
  const assigned = await assignedSequences(sources, miner, round, signal);
  return ownSequences(beacon, miner, sources.run.manifest.scoring.ownSequences, assigned);
}

/** Shards that a miner is assigned in an epoch, each once. Waits for the epoch's first round to begin. */
export async function epochShards(
  { run, beacons, dataset }: AssignmentSources,
  miner: NeuronId,
  epoch: number,
  signal: AbortSignal,
): Promise<number[]> {
  const beacon = await beacons.of("data", firstRoundOf(run.contracts.clock, epoch), signal);
  return [...new Set(shardsOf(beacon, miner, run.manifest.data.shardsPerEpoch, dataset.shardCount))];
}
