import { rename } from "node:fs/promises";
import type { Address } from "viem";
import { rotateHotkey } from "../../workers/chain/actions/rotateHotkey.ts";
import { metagraphAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import { inspectKeyFile } from "../../workers/runtime/keys.ts";
import { count } from "../format.ts";
import { actAs } from "./acting.ts";
import { coldkeyOf, keyFilePath, namedKey, noIdentity } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

/**
 * Makes a new hotkey for a neuron, kept as that of `--as`. The file of the present one, if it is here, stays beside it.
 * @throws FatalError NO_IDENTITY, KEY_NAME_TAKEN; ContractRevert OpenCommit while a commitment of the present hotkey is to
 * be answered for; as `openRun`, `neuronOf`, the keys and `rotateHotkey`
 */
export async function rotateVerb(args: NeuronArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const { as, dir } = args;
  if (as === undefined)
    throw noIdentity("Give --as NAME: the new hotkey's file is keys/NAME-hotkey.json in --dir.");
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const present = await readHotkey(run, neuronId, signal);
  const file = keyFilePath(dir, as, "hotkey");
  const kept = await ownFile(file, as, present);
  const coldkey = await coldkeyOf(args, context, "refuse");
  const nextName = `${as}-next`;
  const next = await namedKey(args, nextName, "hotkey", context, "create");
  const intent = { does: `replace the hotkey ${present} of neuron ${neuronId}`, irreversible: true };
  const sent = await rotateHotkey(actAs(run, coldkey, context, intent), neuronId, next, signal);
  const retired = file.replace(/\.json$/, `-until-block-${sent.blockNumber}.json`);
  if (kept) await rename(file, retired);
  await rename(keyFilePath(dir, nextName, "hotkey"), file);
  return {
    lines: [
      `neuron ${neuronId} is served by ${next.address} now, gas ${count(sent.gasUsed)}`,
      kept ? `  the key of ${present} is kept in ${retired}` : `  ${present} serves nobody any more`,
      "Stop its worker and start it again with the new key. Fund it: npx hardhat fund.",
    ],
    json: { neuronId: String(neuronId), hotkey: next.address, retired: present, ...transactionJson(sent) },
  };
}

async function readHotkey(run: RunContracts, neuronId: NeuronId, signal: AbortSignal): Promise<Address> {
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi } as const;
  const [, hotkey] = await callRpc("read the neuron", signal, () =>
    run.publicClient.readContract({ ...metagraph, functionName: "neuron", args: [neuronId] }),
  );
  return hotkey;
}

/** Whether the file holds the present hotkey; it may be missing, but not be another neuron's. */
async function ownFile(file: string, name: string, present: Address): Promise<boolean> {
  const held = await inspectKeyFile(file).catch((error: unknown) => {
    if (error instanceof FatalError && error.code === "KEY_FILE_MISSING") return undefined;
    throw error;
  });
  if (held === undefined) return false;
  if (held.address === present) return true;
  throw new FatalError("KEY_NAME_TAKEN", `${name}'s hotkey is not the one of this neuron`, {
    data: { name, held: held.address, present },
    hint: "Give --as another NAME for the new hotkey, and --coldkey FILE for the owner.",
  });
}

export default verbAction(rotateVerb);
