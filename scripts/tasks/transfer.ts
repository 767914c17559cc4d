import { offerColdkey } from "../../workers/chain/actions/transferColdkey.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseAddress } from "./address.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface TransferArguments extends NeuronArguments {
  /** Address of the next coldkey. */
  readonly to?: string;
}

/**
 * Offers a neuron to another coldkey, which becomes its owner once it accepts; a later offer takes the place of this one.
 * @throws FatalError RECEIVER_MISSING, ADDRESS_INVALID; ContractRevert NotColdkey; as `openRun`, `neuronOf`
 */
export async function transferVerb(args: TransferArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  if (args.to === undefined) {
    throw new FatalError("RECEIVER_MISSING", "it is not said who receives the neuron", {
      hint: "Give --to ADDRESS, the next coldkey.",
    });
  }
  const to = parseAddress("--to", args.to);
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const intent = { does: `offer neuron ${neuronId} and its own stake to ${to}`, irreversible: true };
  const signing = actAs(run, await coldkeyOf(args, context, "refuse"), context, intent);
  const sent = await offerColdkey(signing, neuronId, to, signal);
  return {
    lines: [
      `neuron ${neuronId} is offered to ${to}, gas ${count(sent.gasUsed)}`,
      `  it is yours until that account accepts: npx hardhat accept --neuron ${neuronId}`,
      "  To take the offer back, offer it to yourself.",
    ],
    json: { neuronId: String(neuronId), offeredTo: to, ...transactionJson(sent) },
  };
}

export default verbAction(transferVerb);
