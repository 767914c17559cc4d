import { readSettlementFacts } from "../../workers/chain/actions/readSettlementFacts.ts";
import type { ReadableRun } from "../../workers/cli/readRun.ts";
import { epochOf, firstRoundOf, roundAt } from "../../workers/protocol/clock.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { payReceipt } from "../../workers/protocol/payReceipt.ts";
import type { Epoch, NeuronId, Uid } from "../../workers/protocol/quantities.ts";
import { explain } from "../../workers/validator/explain.ts";
import { parseCount } from "./amounts.ts";
import { openRun } from "./openRun.ts";
import { readEvents, type StoreArguments } from "./readEvents.ts";
import { type Receipt, receiptJson } from "./receiptJson.ts";
import { receiptLines } from "./receiptLines.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface ExplainArguments extends StoreArguments {
  readonly uid?: string;
  readonly epoch?: string;
}

/**
 * A receipt of what a uid was paid for an epoch. Missing evaluation logs are shown in it; an epoch that is not settled has
 * no pay yet.
 * @throws FatalError OPTION_MISSING, NUMBER_INVALID, EPOCH_NOT_BEGUN, UNKNOWN_UID; as `openRun`, `readEvents`
 */
export async function explainVerb(args: ExplainArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const uid = wholeNumber("--uid", args.uid);
  const epoch = wholeNumber("--epoch", args.epoch);
  const contracts = await openRun(args, context);
  const read = await readEvents(contracts, args, signal);
  requireBegun(read, epoch);
  const receipt = await receiptOf(read, uid, epoch, signal);
  return { lines: receiptLines(receipt), json: receiptJson(receipt) };
}

async function receiptOf(read: ReadableRun, uid: Uid, epoch: Epoch, signal: AbortSignal): Promise<Receipt> {
  const { run, follower, events, head } = read;
  const { history } = follower;
  const neuronId = neuronOf(read, uid, epoch);
  const options = { ...read, history, time: follower.syncedTime };
  const { rounds, validators } = await explain(options, neuronId, epoch, signal);
  const settled = history.settlements.find((settlement) => settlement.epoch === epoch);
  const pay =
    settled &&
    payReceipt(
      run.contracts.clock,
      events,
      epoch,
      { neuronId, uid },
      await readSettlementFacts(run.contracts, head, signal),
    );
  const neuron = history.metagraph.neuron(neuronId);
  return { uid, neuronId, neuron, epoch, settledInRound: settled?.round, rounds, validators, pay };
}

/** Who held the uid when the epoch was settled; before that, at its start or since. */
function neuronOf({ follower }: ReadableRun, uid: Uid, epoch: Epoch): NeuronId {
  const { history } = follower;
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

function requireBegun({ follower }: ReadableRun, epoch: Epoch): void {
  const { clock } = follower.history;
  const time = follower.syncedTime;
  const now = time < clock.genesis ? undefined : epochOf(clock, roundAt(clock, time));
  if (now !== undefined && epoch <= now) return;
  throw new FatalError("EPOCH_NOT_BEGUN", `epoch ${epoch} has not begun`, {
    data: { epoch, now },
    hint:
      now === undefined ? "The run has not started yet." : `It is epoch ${now}; what is settled is earlier.`,
  });
}

function wholeNumber(option: string, text: string | undefined): number {
  if (text === undefined) {
    throw new FatalError("OPTION_MISSING", `${option} is missing`, {
      data: { option },
      hint: "Say whose pay and when: npx hardhat explain --uid 0 --epoch 0.",
    });
  }
  const value = parseCount(option, text);
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new FatalError("NUMBER_INVALID", `${option} ${text} is too large`, {
    data: { option, text },
    hint: "Give a whole number as npx hardhat metagraph shows it.",
  });
}

export default verbAction(explainVerb);
