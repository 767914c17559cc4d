import type {
  ChainEvent,
  ChainPosition,
  CreditedEvent,
  EpochSettledEvent,
  MintedEvent,
} from "./chainEvents.ts";
import { comparePositions } from "./chainEvents.ts";
import type { RoundClock } from "./clock.ts";
import {
  type EmissionPots,
  type EmissionRules,
  type EmissionSplit,
  emissionPots,
  partOfDown,
  scheduledFor,
} from "./emission.ts";
import type { Epoch, NeuronId, Uid } from "./quantities.ts";
import { RunHistory } from "./runHistory.ts";
import { type PreparedSettlement, prepareSettlement } from "./settlement.ts";
import { unpackU64 } from "./weights.ts";
import { divQ32, type RankPart, rankParts, type YumaParameters } from "./yuma.ts";

/** Parameters from an epoch on, and where on the chain they were set. */
type Set<Parameters> = Parameters & Pick<ChainPosition, "blockNumber" | "logIndex">;

/** What the contracts that settle say besides the events of a run. */
export interface SettlementFacts {
  readonly rules: EmissionRules;
  /** Wei issued when the events were read. */
  readonly issued: bigint;
  /** Every split ever set, in chain order. */
  readonly splits: readonly Set<EmissionSplit>[];
  /** Every set of consensus parameters, in chain order. */
  readonly consensus: readonly Set<YumaParameters & { readonly fromEpoch: Epoch }>[];
}

/** A validator's part in a neuron's incentive; Q32 but for the weight, a u16. */
export interface Vote extends RankPart {
  readonly neuronId: NeuronId;
  /** As it stands in the row; counted as 0 on oneself and on who registered later. */
  readonly weight: number;
  /** Consensus took some of it. */
  readonly clipped: boolean;
}

/** How a settlement came to a neuron's pay. Shares are Q32, amounts wei. */
export interface PayReceipt {
  readonly votes: readonly Vote[];
  readonly consensus: bigint;
  /** R of the neuron: the votes' ranks sum to it. */
  readonly rank: bigint;
  readonly rankSum: bigint;
  readonly incentiveShare: bigint;
  readonly dividendShare: bigint;
  readonly pots: EmissionPots;
  readonly split: EmissionSplit;
  readonly incentive: bigint;
  readonly dividend: bigint;
  /** Part of the dividend that is the owner's; the rest is the pool's. */
  readonly take: bigint;
  /** For settling the epoch. */
  readonly bounty: bigint;
  /** What `Emission` credited, by its events. */
  readonly credited: { readonly incentive: bigint; readonly dividend: bigint };
  /** Whatever was recomputed here and is not what the chain says. None when the receipt adds up. */
  readonly disagreements: readonly string[];
}

interface SettledEvents {
  readonly before: readonly ChainEvent[];
  readonly settled: EpochSettledEvent;
  readonly credited: CreditedEvent;
  readonly minted: MintedEvent;
}

/**
 * What a neuron was paid for an epoch and why, from the run's events, each figure computed again as the contracts compute
 * it. Undefined where the epoch is not settled.
 */
export function payReceipt(
  clock: RoundClock,
  events: readonly ChainEvent[],
  epoch: Epoch,
  { neuronId, uid }: { readonly neuronId: NeuronId; readonly uid: Uid },
  facts: SettlementFacts,
): PayReceipt | undefined {
  const found = settlementEvents(events, epoch);
  if (found === undefined) return undefined;
  const history = new RunHistory(clock);
  history.apply(found.before);
  const known = <One extends Set<object>>(set: readonly One[]) =>
    set.filter((one) => isBefore(one, found.settled));
  const split = scheduledFor(epoch, known(facts.splits));
  const parameters = scheduledFor(epoch, known(facts.consensus));
  const prepared = parameters && prepareSettlement(history, epoch, parameters);
  if (prepared === undefined || split === undefined) return undefined;
  const issued = facts.issued - mintedSince(events, found.settled);
  const last = history.settlements.at(-1)?.epoch;
  const pots = emissionPots(clock, epoch, last, issued, facts.rules, split);
  const shares = sharesOf(prepared, neuronId, uid);
  const paid = creditsOf(found, history, neuronId);
  const incentive = partOfDown(shares.incentiveShare, pots.miners);
  const dividend = partOfDown(shares.dividendShare, pots.validators);
  const disagreements = [
    ...chainDisagreements(prepared, found.settled),
    ...(incentive === paid.credited.incentive ? [] : ["incentive"]),
    ...(dividend === paid.credited.dividend ? [] : ["dividend"]),
    ...(divQ32(shares.rank, shares.rankSum) === shares.incentiveShare ? [] : ["rank"]),
  ];
  return { ...shares, pots, split, incentive, dividend, ...paid, disagreements };
}

/** The events of an epoch's settlement, and all that the chain said before. */
function settlementEvents(events: readonly ChainEvent[], epoch: Epoch): SettledEvents | undefined {
  const at = events.findIndex((event) => event.type === "EpochSettled" && event.epoch === epoch);
  const settled = events[at];
  if (settled?.type !== "EpochSettled") return undefined;
  const credited = events.find((event) => event.type === "Credited" && event.epoch === epoch);
  const minted = events.find((event) => event.type === "Minted" && event.epoch === epoch);
  if (credited?.type !== "Credited" || minted?.type !== "Minted") return undefined;
  return { before: events.slice(0, at), settled, credited, minted };
}

function mintedSince(events: readonly ChainEvent[], from: ChainPosition): bigint {
  return events.reduce(
    (sum, event) => (event.type === "Minted" && !isBefore(event, from) ? sum + event.total : sum),
    0n,
  );
}

function isBefore(a: Pick<ChainPosition, "blockNumber" | "logIndex">, b: ChainPosition): boolean {
  return comparePositions({ ...a, time: 0 }, b) < 0;
}

function sharesOf(
  { input, expected, validatorNeuronIds, witness }: PreparedSettlement,
  neuronId: NeuronId,
  uid: Uid,
) {
  const consensus = expected.consensus[uid] ?? 0n;
  const parts = rankParts(input, consensus, uid);
  const votes = parts.map((part, index) => ({
    ...part,
    neuronId: validatorNeuronIds[index],
    weight: weightIn(witness.rows[index], uid),
    clipped: part.counted < part.ofRow,
  }));
  const own = validatorNeuronIds.indexOf(neuronId);
  return {
    votes,
    consensus,
    rank: parts.reduce((sum, { rank }) => sum + rank, 0n),
    rankSum: expected.rankSum,
    incentiveShare: expected.incentive[uid] ?? 0n,
    dividendShare: own < 0 ? 0n : expected.dividends[own],
  };
}

function weightIn(row: string, uid: Uid): number {
  const digits = row.slice(2 + 4 * uid, 6 + 4 * uid);
  return digits === "" ? 0 : Number.parseInt(digits, 16);
}

function creditsOf({ credited, minted }: SettledEvents, history: RunHistory, neuronId: NeuronId) {
  const miner = credited.miners.find((entry) => entry.neuronId === neuronId);
  const validator = credited.validators.find((entry) => entry.neuronId === neuronId);
  const settler = history.metagraph.neuronOfHotkey(minted.caller);
  return {
    take: validator?.take ?? 0n,
    bounty: settler === neuronId ? minted.bounty : 0n,
    credited: { incentive: miner?.incentive ?? 0n, dividend: validator?.dividend ?? 0n },
  };
}

function chainDisagreements({ expected }: PreparedSettlement, settled: EpochSettledEvent): string[] {
  const same = (ours: readonly bigint[], theirs: readonly bigint[]) =>
    ours.length === theirs.length && ours.every((value, index) => value === theirs[index]);
  return [
    ...(same(expected.consensus, unpackU64(settled.consensusQ32)) ? [] : ["consensus"]),
    ...(same(expected.incentive, unpackU64(settled.incentivesQ32)) ? [] : ["incentiveShare"]),
    ...(same(expected.dividends, unpackU64(settled.dividendsQ32)) ? [] : ["dividendShare"]),
  ];
}
