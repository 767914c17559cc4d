import { encodeAbiParameters, type Hex, keccak256 } from "viem";
import type { NeuronId, Uid } from "../protocol/quantities.ts";

/** A uid with a revealed update. */
export interface Candidate {
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  /** Rounds since this validator last evaluated the neuron; large for never. */
  readonly roundsUnseen: number;
  /** Registered within the manifest's `newcomerEpochs`. */
  readonly newcomer: boolean;
}

/** Manifest `scoring.sampleSize` and `scoring.newcomerSeats`. */
export interface SampleSettings {
  readonly sampleSize: number;
  readonly newcomerSeats: number;
}

/**
 * Uids a validator evaluates in a round, ascending (DESIGN §10). Newcomer seats are drawn first, among newcomers; the
 * rest among all who are left. Draw i takes `keccak256(abi.encode(beacon, validator, i))` modulo the sum of the
 * weights 1 + roundsUnseen, over the candidates in the order of their neuronIds: anyone repeats it.
 *
 * @param beacon EVAL beacon of the round
 * @param validator neuronId of the validator
 */
export function chooseSample(
  beacon: Hex,
  validator: NeuronId,
  candidates: readonly Candidate[],
  settings: SampleSettings,
): Uid[] {
  const left = [...candidates].sort((a, b) => (a.neuronId < b.neuronId ? -1 : 1));
  const chosen: Uid[] = [];
  const seats = Math.min(settings.sampleSize, candidates.length);
  const reserved = Math.min(seats, settings.newcomerSeats);
  for (let draw = 0; chosen.length < seats; draw++) {
    const newcomers = chosen.length < reserved ? left.filter(({ newcomer }) => newcomer) : [];
    const pool = newcomers.length > 0 ? newcomers : left;
    const taken = pick(pool, drawNumber(beacon, validator, draw));
    left.splice(left.indexOf(taken), 1);
    chosen.push(taken.uid);
  }
  return chosen.sort((a, b) => a - b);
}

function drawNumber(beacon: Hex, validator: NeuronId, draw: number): bigint {
  const types = [{ type: "bytes32" }, { type: "uint256" }, { type: "uint256" }] as const;
  return BigInt(keccak256(encodeAbiParameters(types, [beacon, validator, BigInt(draw)])));
}

/** `pool` must not be empty. */
function pick(pool: readonly Candidate[], random: bigint): Candidate {
  const total = pool.reduce((sum, { roundsUnseen }) => sum + 1 + roundsUnseen, 0);
  let rest = Number(random % BigInt(total));
  for (const candidate of pool) {
    rest -= 1 + candidate.roundsUnseen;
    if (rest < 0) return candidate;
  }
  return pool[pool.length - 1];
}
