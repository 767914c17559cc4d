import { epochOf } from "./clock.ts";
import type { Epoch, NeuronId, Round, Uid } from "./quantities.ts";
import type { RunHistory } from "./runHistory.ts";

/**
 * What became of a miner's round: `open` while it runs, `absent` without a uid at its start, then how far it got:
 * nothing committed, committed only, revealed but not attested by more than half of the stake, attested but not among the
 * gather set, gathered.
 */
export type RoundOutcome =
  | "open"
  | "absent"
  | "silent"
  | "unrevealed"
  | "unattested"
  | "ungathered"
  | "gathered";

export interface RoundStatus {
  readonly round: Round;
  readonly outcome: RoundOutcome;
  /** Share of the permitted stake that attested to its update, 0 … 1. */
  readonly attestedShare: number;
  /** Whether it attested to others' updates; undefined where it has no permit for the round's epoch. */
  readonly attested: boolean | undefined;
}

export interface EpochStatus {
  readonly epoch: Epoch;
  readonly permitted: boolean;
  readonly committed: boolean;
  readonly revealed: boolean;
  readonly settled: boolean;
}

/** What can be said of a round before and after its end. `gathered`: uids of its gather set, undefined while it is open. */
export function roundStatus(
  history: RunHistory,
  neuronId: NeuronId,
  round: Round,
  gathered: readonly Uid[] | undefined,
): RoundStatus {
  const { rounds, metagraph, clock } = history;
  const epoch = epochOf(clock, round);
  const uid = metagraph.neuron(neuronId)?.uid;
  const held = uid !== undefined && history.occupant(uid, round) === neuronId;
  const reveal = rounds.reveal(round, neuronId);
  const stake = held ? rounds.attestedStake(round, epoch, uid) : { attested: 0n, permitted: 0n };
  const permitted = held && history.permits(epoch).includes(uid);
  return {
    round,
    outcome: outcomeOf(),
    attestedShare: stake.permitted === 0n ? 0 : Number((stake.attested * 10_000n) / stake.permitted) / 10_000,
    attested: permitted ? rounds.attestations(round).some((each) => each.neuronId === neuronId) : undefined,
  };

  function outcomeOf(): RoundOutcome {
    if (gathered === undefined) return "open";
    if (!held) return "absent";
    if (!rounds.commits(round).some((commit) => commit.neuronId === neuronId)) return "silent";
    if (reveal === undefined) return "unrevealed";
    if (2n * stake.attested <= stake.permitted) return "unattested";
    return gathered.includes(uid) ? "gathered" : "ungathered";
  }
}

/** A validator's duties of an epoch: its row is committed and revealed in the next. */
export function epochStatus(history: RunHistory, neuronId: NeuronId, epoch: Epoch): EpochStatus {
  const uid = history.metagraph.neuron(neuronId)?.uid;
  return {
    epoch,
    permitted: uid !== undefined && history.permits(epoch).includes(uid),
    committed: history.settled.weightCommit(epoch, neuronId) !== undefined,
    revealed: history.weightRows(epoch).some((row) => row.neuronId === neuronId),
    settled: history.settlements.some((settlement) => settlement.epoch === epoch),
  };
}
