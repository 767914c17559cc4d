import type { Hex } from "viem";
import { FatalError } from "./errors.ts";
import type { NeuronId, Round, Uid } from "./quantities.ts";
import { hashWords, nameTag, type Word } from "./words.ts";

const OWN_DRAW = nameTag("weft.draw.own");
const SAMPLE_DRAW = nameTag("weft.draw.sample");

/** One training sequence: `sequence` counts within `shard`. */
export interface SequenceRef {
  readonly shard: number;
  readonly sequence: number;
}

/**
 * Shards of a miner in an epoch (DESIGN §7), in draw order, repetitions possible:
 * `keccak256(abi.encode(beacon, neuronId, i)) mod shards`, i < `perEpoch`.
 * @param epochBeacon `data` beacon of the epoch's first round.
 * @throws FatalError `DRAW_EMPTY` where there are no shards.
 */
export function shardsOf(epochBeacon: Hex, neuronId: NeuronId, perEpoch: number, shards: number): number[] {
  return Array.from({ length: perEpoch }, (_, i) => draw([epochBeacon, neuronId, i], shards));
}

/**
 * Sequences a miner trains on in a round (DESIGN §7): number k is `keccak256(abi.encode(beacon, neuronId, k))` modulo
 * the sequences of its shards taken one after another. Step h of the round uses `batchSequences` of them from
 * h · batchSequences on.
 * @param roundBeacon `data` beacon of the round.
 * @param ownShards result of `shardsOf` for the round's epoch.
 * @param shardSequences number of sequences of every shard of the data set.
 * @throws FatalError `DRAW_EMPTY` where the shards hold no sequence.
 */
export function batchSequences(
  roundBeacon: Hex,
  neuronId: NeuronId,
  count: number,
  ownShards: readonly number[],
  shardSequences: readonly number[],
): SequenceRef[] {
  const lengths = ownShards.map((shard) => shardSequences[shard] ?? 0);
  return drawSequences([roundBeacon, neuronId], count, ownShards, lengths);
}

/**
 * Sequences on which every update of a round is evaluated besides the miner's own (DESIGN §7): drawn over the first
 * `evalSequences` of all shards, the same for all miners so that their losses compare.
 * @param evalBeacon `eval` beacon of the round.
 * @param validator neuronId of the validator that evaluates.
 * @throws FatalError `DRAW_EMPTY` where there is no sequence.
 */
export function randomSequences(
  evalBeacon: Hex,
  validator: NeuronId,
  count: number,
  shardSequences: readonly number[],
  evalSequences: number,
): SequenceRef[] {
  const shards = shardSequences.map((_, shard) => shard);
  const lengths = shardSequences.map((length) => Math.min(length, evalSequences));
  return drawSequences([evalBeacon, validator], count, shards, lengths);
}

/**
 * Which of the sequences a miner was assigned its update is evaluated on: `count` of them, repetitions possible.
 * @param evalBeacon `eval` beacon of the round, unknown while the miner trained.
 * @throws FatalError `DRAW_EMPTY` where nothing was assigned.
 */
export function ownSequences(
  evalBeacon: Hex,
  miner: NeuronId,
  count: number,
  assigned: readonly SequenceRef[],
): SequenceRef[] {
  const pick = (_: unknown, k: number) => assigned[draw([OWN_DRAW, evalBeacon, miner, k], assigned.length)];
  return Array.from({ length: count }, pick);
}

/** A uid that revealed, as one validator sees it. */
export interface SampleCandidate {
  readonly uid: Uid;
  /** Round in which this validator last evaluated the uid's neuron; undefined for never. */
  readonly lastEvaluated: Round | undefined;
  /** Registered within the manifest's `newcomerEpochs`. */
  readonly newcomer: boolean;
}

/** How many uids are drawn; `newcomerSeats` of them from newcomers first. */
export interface SampleSeats {
  readonly sampleSize: number;
  readonly newcomerSeats: number;
}

/**
 * Uids a validator evaluates in a round (DESIGN §10), ascending and each once. A uid is drawn with a weight of the
 * rounds since it was last evaluated (round + 1 for never). All are taken where they are no more than the seats.
 * @param evalBeacon `eval` beacon of the round.
 * @param validator neuronId of the validator, so that validators look at different uids.
 */
export function evaluationSample(
  evalBeacon: Hex,
  validator: NeuronId,
  round: Round,
  candidates: readonly SampleCandidate[],
  seats: SampleSeats,
): Uid[] {
  const left = [...candidates].sort((a, b) => a.uid - b.uid);
  const chosen: Uid[] = [];
  const take = (pool: readonly SampleCandidate[]) => {
    const picked = drawWeighted([SAMPLE_DRAW, evalBeacon, validator, chosen.length], round, pool);
    left.splice(left.indexOf(picked), 1);
    chosen.push(picked.uid);
  };
  while (chosen.length < Math.min(seats.newcomerSeats, seats.sampleSize)) {
    const newcomers = left.filter((candidate) => candidate.newcomer);
    if (newcomers.length === 0) break;
    take(newcomers);
  }
  while (chosen.length < seats.sampleSize && left.length > 0) take(left);
  return chosen.sort((a, b) => a - b);
}

function drawWeighted(
  seed: readonly Word[],
  round: Round,
  pool: readonly SampleCandidate[],
): SampleCandidate {
  const weights = pool.map(({ lastEvaluated }) => Math.max(1, round - (lastEvaluated ?? -1)));
  let rest = draw(
    seed,
    weights.reduce((sum, weight) => sum + weight, 0),
  );
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return pool[index];
}

function drawSequences(
  seed: readonly Word[],
  count: number,
  shards: readonly number[],
  lengths: readonly number[],
): SequenceRef[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Array.from({ length: count }, (_, k) => {
    let sequence = draw([...seed, k], total);
    let position = 0;
    while (sequence >= lengths[position]) sequence -= lengths[position++];
    return { shard: shards[position], sequence };
  });
}

function draw(seed: readonly Word[], bound: number): number {
  if (bound === 0) throw new FatalError("DRAW_EMPTY", "There is nothing to draw from.");
  return Number(BigInt(hashWords(seed)) % BigInt(bound));
}
