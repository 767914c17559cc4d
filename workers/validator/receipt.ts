import type { ChainEvent } from "../protocol/chainEvents.ts";
import { epochOf, firstRoundOf, roundAt } from "../protocol/clock.ts";
import { FatalError } from "../protocol/errors.ts";
import type { Neuron } from "../protocol/metagraphHistory.ts";
import { type PayReceipt, payReceipt, type SettlementFacts } from "../protocol/payReceipt.ts";
import type { Epoch, NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import { type ExplainOptions, explain, type RoundReceipt, type ValidatorReceipt } from "./explain.ts";

/** What a neuron was paid for an epoch, and why. */
export interface Receipt {
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  readonly neuron: Neuron | undefined;
  readonly epoch: Epoch;
  /** Undefined where the epoch is not settled. */
  readonly settledInRound: Round | undefined;
  readonly rounds: readonly RoundReceipt[];
  readonly validators: readonly ValidatorReceipt[];
  readonly pay: PayReceipt | undefined;
}

export interface ReceiptSources extends ExplainOptions {
  /** From which `history` was made. */
  readonly events: readonly ChainEvent[];
  /** By what epochs were settled and paid, as of the last of `events`. */
  facts(signal: AbortSignal): Promise<SettlementFacts>;
}

/**
 * A receipt of what a uid was paid for an epoch. Missing evaluation logs are part of it; an epoch that is not settled has no
 * pay yet.
 * @throws FatalError EPOCH_NOT_BEGUN, UNKNOWN_UID; as `explain` and `facts`
 */
export async function receiptOf(
  sources: ReceiptSources,
  uid: Uid,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<Receipt> {
  const { run, history, events, time } = sources;
  requireBegun(history, time, epoch);
  const neuronId = neuronOf(history, uid, epoch);
  const { rounds, validators } = await explain(sources, neuronId, epoch, signal);
  const settled = history.settlements.find((settlement) => settlement.epoch === epoch);
  const pay =
    settled && payReceipt(run.contracts.clock, events, epoch, { neuronId, uid }, await sources.facts(signal));
  const neuron = history.metagraph.neuron(neuronId);
  return { uid, neuronId, neuron, epoch, settledInRound: settled?.round, rounds, validators, pay };
}

/** Who held the uid when the epoch was settled; before that, at its start or since. */
function neuronOf(history: RunHistory, uid: Uid, epoch: Epoch): NeuronId {
  const { clock } = history;
  const paid = history.settlements.find((settlement) => settlement.epoch === epoch)?.neuronIds[uid];
  const neuronId =
    paid ?? history.occupant(uid, firstRoundOf(clock, epoch)) ?? history.metagraph.holder(uid)?.neuronId;
  if (neuronId !== undefined && neuronId > 0n) return neuronId;
  throw new FatalError("UNKNOWN_UID", `nobody held uid ${uid} in epoch ${epoch}`, {
    data: { uid, epoch },
    hint: "See who takes part with: npx hardhat metagraph.",
  });
}

function requireBegun({ clock }: RunHistory, time: number, epoch: Epoch): void {
  const now = time < clock.genesis ? undefined : epochOf(clock, roundAt(clock, time));
  if (now !== undefined && epoch <= now) return;
  throw new FatalError("EPOCH_NOT_BEGUN", `epoch ${epoch} has not begun`, {
    data: { epoch, now },
    hint:
      now === undefined ? "The run has not started yet." : `It is epoch ${now}; what is settled is earlier.`,
  });
}
