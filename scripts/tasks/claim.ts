import { type Address, parseEventLogs } from "viem";
import { claim } from "../../workers/chain/actions/claim.ts";
import { claimAccount } from "../../workers/chain/actions/claimAccount.ts";
import { emissionAbi } from "../../workers/chain/generated/abi.ts";
import type { SigningRun } from "../../workers/chain/run.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseAddress } from "./address.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface ClaimArguments extends NeuronArguments {
  /** Address whose treasury part or bounties are paid, instead of a neuron's earnings. */
  readonly account?: string;
}

/**
 * Pays a neuron's earnings to its coldkey, or an account's own; whoever claims pays the gas.
 * @throws ContractRevert NothingToClaim, NothingToClaimFor; FatalError ADDRESS_INVALID; as `openRun`, `neuronOf`
 */
export async function claimVerb(args: ClaimArguments, context: VerbContext): Promise<Outcome> {
  const account = args.account === undefined ? undefined : parseAddress("--account", args.account);
  const run = await openRun(args, context);
  if (account !== undefined) {
    const sender = await coldkeyOf(args, context, "refuse");
    const does = `claim what ${account} has earned`;
    return payAccount(actAs(run, sender, context, { does }), account, context.signal);
  }
  const neuronId = await neuronOf(run, args, context.signal);
  const sender = await coldkeyOf(args, context, "refuse");
  const does = `claim what neuron ${neuronId} has earned, to its coldkey`;
  return payNeuron(actAs(run, sender, context, { does }), neuronId, context.signal);
}

async function payNeuron(run: SigningRun, neuronId: NeuronId, signal: AbortSignal): Promise<Outcome> {
  const sent = await claim(run, neuronId, signal);
  const [event] = parseEventLogs({ abi: emissionAbi, eventName: "Claimed", logs: sent.logs });
  const to = event?.args.to;
  const what = `${amount(sent.amount, "WEFT")} of neuron ${neuronId}`;
  return {
    lines: [`claimed ${what} to its coldkey ${to}, gas ${count(sent.gasUsed)}`],
    json: {
      neuronId: String(neuronId),
      coldkey: to,
      claimed: weftJson(sent.amount),
      ...transactionJson(sent),
    },
  };
}

async function payAccount(run: SigningRun, account: Address, signal: AbortSignal): Promise<Outcome> {
  const sent = await claimAccount(run, account, signal);
  return {
    lines: [`claimed ${amount(sent.amount, "WEFT")} for ${account}, gas ${count(sent.gasUsed)}`],
    json: { account, claimed: weftJson(sent.amount), ...transactionJson(sent) },
  };
}

export default verbAction(claimVerb);
