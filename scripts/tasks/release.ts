import { releaseCollateral } from "../../workers/chain/actions/releaseCollateral.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

/**
 * Pays what is unlocked of a neuron's collateral to its coldkey; whoever sends it pays the gas.
 * @throws ContractRevert NothingUnlocked; as `openRun`, `neuronOf`
 */
export async function releaseVerb(args: NeuronArguments, context: VerbContext): Promise<Outcome> {
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, context.signal);
  const sender = await coldkeyOf(args, context, "refuse");
  const does = `release what is unlocked of neuron ${neuronId}'s collateral, to its coldkey`;
  const signing = actAs(run, sender, context, { does });
  const sent = await releaseCollateral(signing, neuronId, context.signal);
  const what = `${amount(sent.amount, "WEFT")} of neuron ${neuronId}'s collateral`;
  return {
    lines: [`released ${what} to its coldkey, gas ${count(sent.gasUsed)}`],
    json: { neuronId: String(neuronId), released: weftJson(sent.amount), ...transactionJson(sent) },
  };
}

export default verbAction(releaseVerb);
