import { withdraw } from "../../workers/chain/actions/withdraw.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

/**
 * Pays the coldkey what it unstaked and has been released.
 * @throws ContractRevert NothingMatured; as `openRun`, `neuronOf`, `withdraw`
 */
export async function withdrawVerb(args: NeuronArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const coldkey = await coldkeyOf(args, context, "refuse");
  const intent = { does: `withdraw what is released of neuron ${neuronId} to ${coldkey.address}` };
  const sent = await withdraw(actAs(run, coldkey, context, intent), neuronId, signal);
  return {
    lines: [
      `withdrew ${amount(sent.assets, "WEFT")} of neuron ${neuronId} to ${coldkey.address}, gas ${count(sent.gasUsed)}`,
    ],
    json: {
      neuronId: String(neuronId),
      coldkey: coldkey.address,
      withdrawn: weftJson(sent.assets),
      ...transactionJson(sent),
    },
  };
}

export default verbAction(withdrawVerb);
