import { rename } from "node:fs/promises";
import { rotateHotkey } from "../../workers/chain/actions/rotateHotkey.ts";
import { signingRun } from "../../workers/chain/run.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { count } from "../format.ts";
import { coldkeyOf, hotkeyOf, type IdentityArguments, keyFilePath, namedKey } from "./keys.ts";
import { neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

/**
 * Makes a new hotkey for the neuron of `--as` and retires the present one, whose file stays beside it.
 * @throws FatalError NAME_MISSING; ContractRevert OpenCommit while a commitment of the present hotkey is to be answered for;
 * as `openRun`, the keys and `rotateHotkey`
 */
export async function rotateVerb(args: IdentityArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const { as, dir } = args;
  if (as === undefined) {
    throw new FatalError("NAME_MISSING", "a hotkey is rotated by name", {
      hint: "Give --as NAME; its key files are in keys/ of --dir.",
    });
  }
  const run = await openRun(args, context);
  const present = await hotkeyOf(args, "refuse");
  const neuronId = await neuronOf(run, args, signal);
  const coldkey = await coldkeyOf(args, context, "refuse");
  const nextName = `${as}-next`;
  const next = await namedKey(dir, nextName, "hotkey", "create");
  const sent = await rotateHotkey(signingRun(run, coldkey, { clock: systemClock }), neuronId, next, signal);
  const file = keyFilePath(dir, as, "hotkey");
  const retired = file.replace(/\.json$/, `-until-block-${sent.blockNumber}.json`);
  await rename(file, retired);
  await rename(keyFilePath(dir, nextName, "hotkey"), file);
  return {
    lines: [
      `neuron ${neuronId} is served by ${next.address} now, gas ${count(sent.gasUsed)}`,
      `  the key of ${present.address} is kept in ${retired}`,
      "Stop its worker and start it again with the new key. Fund it: npx hardhat fund.",
    ],
    json: {
      neuronId: String(neuronId),
      hotkey: next.address,
      retired: present.address,
      ...transactionJson(sent),
    },
  };
}

export default verbAction(rotateVerb);
