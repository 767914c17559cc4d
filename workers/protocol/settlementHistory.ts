import type { Hex } from "viem";
import type {
  ClaimedEvent,
  CreditedEvent,
  EpochSettledEvent,
  MintedEvent,
  WeightsCommittedEvent,
  WeightsRevealedEvent,
} from "./chainEvents.ts";
import type { MetagraphHistory } from "./metagraphHistory.ts";
import type { BlockTime, Epoch, NeuronId, Round, Uid } from "./quantities.ts";
import { unpackU64 } from "./weights.ts";

/** A commitment to a row; its neuron is the one its hotkey served then. */
export interface WeightCommit extends WeightsCommittedEvent {
  readonly neuronId: NeuronId | undefined;
}

/** A validator's row that counts for its epoch. */
export interface WeightRow {
  readonly epoch: Epoch;
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  /** Packed u16, exactly as revealed. */
  readonly row: Hex;
  readonly revealedAt: BlockTime;
}

/** A settled epoch; shares are Q32. */
export interface Settlement {
  readonly epoch: Epoch;
  readonly round: Round;
  readonly settledAt: BlockTime;
  /** Who held each uid then. */
  readonly neuronIds: readonly NeuronId[];
  readonly incentives: readonly bigint[];
  readonly consensus: readonly bigint[];
  readonly validatorNeuronIds: readonly NeuronId[];
  readonly dividends: readonly bigint[];
  /** Packed by `packBonds`. */
  readonly bonds: Hex;
}

/** Wei a neuron was credited and paid, ever. */
export interface Earnings {
  readonly incentive: bigint;
  /** Dividends credited, of which `take` went to the owner and the rest to the pool. */
  readonly dividend: bigint;
  readonly take: bigint;
  readonly claimed: bigint;
}

const NO_EARNINGS: Earnings = { incentive: 0n, dividend: 0n, take: 0n, claimed: 0n };

/** Weights, settlements and what they paid. */
export class SettlementHistory {
  readonly #metagraph: MetagraphHistory;
  readonly #settlements: Settlement[] = [];
  readonly #commits: WeightCommit[] = [];
  readonly #rows: WeightRow[] = [];
  readonly #earnings = new Map<NeuronId, Earnings>();
  readonly #minted: MintedEvent[] = [];

  constructor(metagraph: MetagraphHistory) {
    this.#metagraph = metagraph;
  }

  applyWeightsCommitted(event: WeightsCommittedEvent): void {
    this.#commits.push({ ...event, neuronId: this.#metagraph.neuronOfHotkey(event.hotkey) });
  }

  applyWeightsRevealed({ epoch, neuronId, uid, row, time }: WeightsRevealedEvent): void {
    this.#rows.push({ epoch, neuronId, uid, row, revealedAt: time });
  }

  applySettled(event: EpochSettledEvent): void {
    const incentives = unpackU64(event.incentivesQ32);
    this.#settlements.push({
      epoch: event.epoch,
      round: event.round,
      settledAt: event.time,
      neuronIds: incentives.map((_, uid) => this.#metagraph.holder(uid)?.neuronId ?? 0n),
      incentives,
      consensus: unpackU64(event.consensusQ32),
      validatorNeuronIds: event.validatorNeuronIds,
      dividends: unpackU64(event.dividendsQ32),
      bonds: event.bonds,
    });
  }

  applyCredited({ miners, validators }: CreditedEvent): void {
    for (const { neuronId, incentive } of miners) this.#addEarnings(neuronId, { ...NO_EARNINGS, incentive });
    for (const { neuronId, dividend, take } of validators) {
      this.#addEarnings(neuronId, { ...NO_EARNINGS, dividend, take });
    }
  }

  applyClaimed({ neuronId, amount }: ClaimedEvent): void {
    this.#addEarnings(neuronId, { ...NO_EARNINGS, claimed: amount });
  }

  applyMinted(event: MintedEvent): void {
    this.#minted.push(event);
  }

  /** All settlements, oldest first. */
  settlements(): readonly Settlement[] {
    return this.#settlements;
  }

  /** Latest settlement in a block before `time`. */
  lastBefore(time: BlockTime): Settlement | undefined {
    return this.#settlements.findLast((settlement) => settlement.settledAt < time);
  }

  /** Rows revealed for an epoch, in the order of the chain. */
  weightRows(epoch: Epoch): WeightRow[] {
    return this.#rows.filter((row) => row.epoch === epoch);
  }

  /** Weight commitments for an epoch with the digests of their evaluation logs, in the order of the chain. */
  weightCommits(epoch: Epoch): WeightCommit[] {
    return this.#commits.filter((commit) => commit.epoch === epoch);
  }

  /** A validator's commitment for an epoch; undefined where it made none. */
  weightCommit(epoch: Epoch, neuronId: NeuronId): WeightCommit | undefined {
    return this.#commits.find((commit) => commit.epoch === epoch && commit.neuronId === neuronId);
  }

  /** The last epoch before `epoch` that a validator committed weights for. */
  lastCommitBefore(epoch: Epoch, neuronId: NeuronId): WeightCommit | undefined {
    return this.#commits.findLast((commit) => commit.epoch < epoch && commit.neuronId === neuronId);
  }

  earnings(neuronId: NeuronId): Earnings {
    return this.#earnings.get(neuronId) ?? NO_EARNINGS;
  }

  /** What settlements minted, oldest first. */
  minted(): readonly MintedEvent[] {
    return this.#minted;
  }

  #addEarnings(neuronId: NeuronId, more: Earnings): void {
    const sum = this.earnings(neuronId);
    this.#earnings.set(neuronId, {
      incentive: sum.incentive + more.incentive,
      dividend: sum.dividend + more.dividend,
      take: sum.take + more.take,
      claimed: sum.claimed + more.claimed,
    });
  }
}

/** Q32 incentive of a neuron in a settlement, 0 for one that did not hold a uid then. */
export function incentiveOf(settlement: Settlement, uid: Uid, neuronId: NeuronId): bigint {
  return settlement.neuronIds[uid] === neuronId ? settlement.incentives[uid] : 0n;
}
