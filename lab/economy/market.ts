import { keccak256, toHex } from "viem";
import type { RoundCommit } from "../../workers/evaluation/roundInputs.ts";
import type { MeasuredLosses } from "../../workers/evaluation/roundLosses.ts";
import type { NeuronId, Round, Uid } from "../../workers/protocol/quantities.ts";
import { type Draws, drawsOf } from "../random.ts";
import type { ScoreNoise } from "./noise.ts";

/** A miner of the economy: no update is computed, only what it would do to the loss. */
export interface MarketMiner {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  /** Improvement relative to the average miner's; 0 does no work. */
  readonly quality: number;
  readonly registeredEpoch: number;
}

const noRoot = keccak256("0x");
const qualities = { least: 0.7, spread: 0.6 };

/** Who mines, who comes and goes, and what validators measure of them. */
export class Market {
  readonly #noise: ScoreNoise;
  readonly #draws: Draws;
  readonly #seed: string;
  readonly miners: MarketMiner[] = [];
  #nextNeuron: bigint;

  /** @param uids of the miners; those in `idle` do no work and stay */
  constructor(
    uids: readonly Uid[],
    idle: ReadonlySet<Uid>,
    firstNeuron: bigint,
    noise: ScoreNoise,
    seed: string,
  ) {
    this.#noise = noise;
    this.#seed = seed;
    this.#draws = drawsOf(`${seed}/market`);
    this.#nextNeuron = firstNeuron;
    for (const uid of uids) this.miners.push(this.#newMiner(uid, 0, idle.has(uid)));
  }

  /** Replaces each working miner with probability `share`. @returns uids that changed hands */
  churn(epoch: number, share: number): Uid[] {
    const changed: Uid[] = [];
    for (const [index, { uid, quality }] of this.miners.entries()) {
      if (quality === 0 || this.#draws.uniform() >= share) continue;
      this.miners[index] = this.#newMiner(uid, epoch, false);
      changed.push(uid);
    }
    return changed;
  }

  /** What each miner's update is worth in a round, by neuron; the same for all validators. */
  worths(): Map<NeuronId, number> {
    const { improvement, betweenUpdates } = this.#noise;
    return new Map(
      this.miners.map(({ neuronId, quality }) => {
        const scatter = 1 + betweenUpdates * this.#draws.normal();
        return [neuronId, improvement * quality * scatter];
      }),
    );
  }

  /** What one validator measures of an update of the given worth. */
  measure(worth: number, round: Round, validator: number, neuronId: NeuronId): MeasuredLosses {
    const { improvement, betweenValidators, ownAdvantage, ownDeviation } = this.#noise;
    const draws = drawsOf(`${this.#seed}/${round}/${validator}/${neuronId}`);
    const random = worth + improvement * betweenValidators * draws.normal();
    // Only who trained on the assigned sequences gains more there.
    const trained = worth === 0 ? 0 : ownAdvantage;
    const own = random + improvement * (trained + ownDeviation * draws.normal());
    return { own: { before: 1, after: 1 - own }, random: { before: 1, after: 1 - random } };
  }

  /** Everybody's commit; only sampled ones are looked into. */
  commits(sampled: ReadonlySet<Uid>): RoundCommit[] {
    return this.miners.map(({ uid, neuronId }, index) => ({
      uid,
      neuronId,
      blockNumber: 1n,
      logIndex: index,
      status: "eligible",
      ...(sampled.has(uid) && { update: { tensors: [], stateBefore: noRoot, stateAfter: noRoot } }),
    }));
  }

  #newMiner(uid: Uid, epoch: number, idle: boolean): MarketMiner {
    const quality = idle ? 0 : qualities.least + qualities.spread * this.#draws.uniform();
    const neuronId = this.#nextNeuron;
    this.#nextNeuron += 1n;
    return { neuronId, uid, quality, registeredEpoch: epoch };
  }
}

/** A beacon of the lab's own, for draws that the chain's beacons decide in production. */
export function labBeacon(seed: string, round: Round): `0x${string}` {
  return keccak256(toHex(`${seed}/${round}`));
}
