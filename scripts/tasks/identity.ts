import { NO_ENTRY, readDirectory } from "../../workers/chain/actions/readDirectory.ts";
import { setEndpoint } from "../../workers/chain/actions/setEndpoint.ts";
import { setIdentity } from "../../workers/chain/actions/setIdentity.ts";
import { count, printable } from "../format.ts";
import { actAs } from "./acting.ts";
import { coldkeyOf, hotkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface IdentityVerbArguments extends NeuronArguments {
  /** What the neuron goes by, 64 bytes at most. */
  readonly name?: string;
  /** Its page, 256 bytes at most. */
  readonly url?: string;
  /** Where its worker is reached, 256 bytes at most; the hotkey of `--as` says it. */
  readonly endpoint?: string;
}

/**
 * Sets what a neuron says of itself, or shows it when nothing is given. What is not given stays as it is.
 * @throws ContractRevert NotColdkey, TextTooLong; FatalError NO_IDENTITY; as `openRun`, `neuronOf`
 */
export async function identityVerb(args: IdentityVerbArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const before = (await readDirectory(run, signal)).get(neuronId) ?? NO_ENTRY;
  const entry = {
    name: args.name ?? before.name,
    url: args.url ?? before.url,
    endpoint: args.endpoint ?? before.endpoint,
  };
  const sent = [];
  if (args.name !== undefined || args.url !== undefined) {
    const intent = { does: `set name and page of neuron ${neuronId}` };
    const signing = actAs(run, await coldkeyOf(args, context, "refuse"), context, intent);
    sent.push(await setIdentity(signing, neuronId, entry, signal));
  }
  if (args.endpoint !== undefined) {
    const intent = { does: `set the endpoint of neuron ${neuronId}` };
    const signing = actAs(run, await hotkeyOf(args, context, "refuse"), context, intent);
    sent.push(await setEndpoint(signing, entry.endpoint, signal));
  }
  const gas = sent.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  return {
    lines: [
      `neuron ${neuronId}${sent.length === 0 ? "" : `, gas ${count(gas)}`}`,
      `  name      ${printable(entry.name) || "none"}`,
      `  page      ${printable(entry.url) || "none"}`,
      `  endpoint  ${printable(entry.endpoint) || "none"}`,
    ],
    json: { neuronId: String(neuronId), ...entry, transactions: sent.map(transactionJson) },
  };
}

export default verbAction(identityVerb);
