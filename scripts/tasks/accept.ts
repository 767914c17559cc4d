import { acceptColdkey } from "../../workers/chain/actions/transferColdkey.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { count } from "../format.ts";
import { actAs } from "./acting.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

/**
 * Makes the coldkey the owner of a neuron that was offered to it, of the former owner's own stake on it and of all that
 * it will be paid from now on.
 * @throws FatalError NEURON_MISSING; ContractRevert NotOffered, StillUnbonding; as `openRun`, `neuronOf`
 */
export async function acceptVerb(args: NeuronArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  if (args.neuron === undefined && args.uid === undefined) {
    throw new FatalError("NEURON_MISSING", "it is not said which neuron is accepted", {
      hint: "Give --neuron or --uid; its hotkey stays where its worker runs.",
    });
  }
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const coldkey = await coldkeyOf(args, context, "refuse");
  const intent = { does: `take over neuron ${neuronId} as ${coldkey.address}` };
  const sent = await acceptColdkey(actAs(run, coldkey, context, intent), neuronId, signal);
  return {
    lines: [
      `neuron ${neuronId} belongs to ${coldkey.address} now, gas ${count(sent.gasUsed)}`,
      "  Its hotkey is still the former owner's: npx hardhat rotate.",
    ],
    json: { neuronId: String(neuronId), coldkey: coldkey.address, ...transactionJson(sent) },
  };
}

export default verbAction(acceptVerb);
