import type { Hex } from "viem";
import type { NeuronId, Uid } from "./quantities.ts";
import { hashWords } from "./words.ts";

/** An eligible update of a round. */
export interface GatherCandidate {
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  /** Q32 share of the last epoch settled before the round's start; 0 for a neuron that had none. */
  readonly incentive: bigint;
}

/** The updates that are aggregated. */
export interface GatherSet {
  /** Best first. */
  readonly ranked: readonly Uid[];
  /** Ascending: the order of aggregation. */
  readonly uids: readonly Uid[];
}

/**
 * Gather set of a round (DESIGN §3.5): by incentive, ties by the RANK beacon, the first `size`. Once an epoch was
 * settled only uids with incentive count; before that the beacon alone ranks, and `unsettledSize` are taken: where nobody
 * is known yet, more have to outvote the few.
 * @param settled whether any epoch was settled before the round's start.
 * @param rankBeacon `rank` beacon of the round; the order it gives is that of `keccak256(abi.encode(beacon, neuronId))`.
 */
export function gatherSet(
  eligible: readonly GatherCandidate[],
  settled: boolean,
  rankBeacon: Hex,
  size: number,
  unsettledSize = size,
): GatherSet {
  const ranked = eligible
    .map((candidate) => ({
      uid: candidate.uid,
      incentive: settled ? candidate.incentive : 1n,
      lot: BigInt(hashWords([rankBeacon, candidate.neuronId])),
    }))
    .filter((candidate) => candidate.incentive > 0n)
    .sort((a, b) => descending(a.incentive, b.incentive) || descending(b.lot, a.lot))
    .slice(0, settled ? size : unsettledSize)
    .map((candidate) => candidate.uid);
  return { ranked, uids: [...ranked].sort((a, b) => a - b) };
}

function descending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}
