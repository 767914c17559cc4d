import type { Address } from "viem";
import { readBalances } from "../../workers/chain/actions/readBalances.ts";
import { register } from "../../workers/chain/actions/register.ts";
import { metagraphAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { defaultNetworkDir } from "../../workers/cli/networkFile.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseAmount } from "./amounts.ts";
import { ensureFunds, localBank } from "./funds.ts";
import { coldkeyOf, hotkeyOf, type IdentityArguments } from "./keys.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface RegisterArguments extends IdentityArguments {
  /** Most whole WEFT to burn. */
  readonly maxBurn?: string;
}

/** Registration with its token permit. */
const REGISTER_GAS = 500_000n;
/** A worker's transactions of a few hundred rounds. */
const HOTKEY_GAS = 20_000_000n;

/**
 * Registers the hotkey of `--as` under its coldkey, burns the price and locks the collateral.
 * @throws FatalError ALREADY_REGISTERED, INSUFFICIENT_FUNDS, INSUFFICIENT_TOKENS; as `openRun`, the keys and `register`
 */
export async function registerVerb(args: RegisterArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const maxBurn = args.maxBurn === undefined ? undefined : parseAmount("--max-burn", args.maxBurn);
  const run = await openRun(args, context);
  const hotkey = await hotkeyOf(args, context, "create");
  const coldkey = await coldkeyOf(args, context, "create");
  const before = await readRegistration(run, hotkey.address, signal);
  const { neuronId: taken, uid: takenUid, price, collateral } = before;
  if (taken > 0n) {
    throw new FatalError(
      "ALREADY_REGISTERED",
      `${args.as} is registered already: uid ${takenUid} (neuron ${taken})`,
      {
        data: { hotkey: hotkey.address, neuronId: taken, uid: Number(takenUid) },
        hint: "Start its worker, or register under another --as NAME.",
      },
    );
  }
  const tokens = price + collateral;
  const needs = { role: "coldkey", account: coldkey.address, gas: REGISTER_GAS, tokens, room: price };
  await ensureFunds(run, needs, context);
  const most = maxBurn === undefined ? `about ${amount(price, "WEFT")}` : `up to ${amount(maxBurn, "WEFT")}`;
  const does = `register hotkey ${hotkey.address}, burn ${most} and lock ${amount(collateral, "WEFT")}`;
  const signing = actAs(run, coldkey, context, { does, irreversible: true });
  const sent = await register(signing, { hotkey, maxBurn }, signal);
  if ((await localBank(run, signal)) !== undefined) {
    await ensureFunds(run, { role: "hotkey", account: hotkey.address, gas: HOTKEY_GAS }, context);
  }
  const { neuronId, uid, burned } = sent;
  const { coin } = await readBalances(run, hotkey.address, signal);
  return {
    lines: [
      `registered uid ${uid} (neuron ${neuronId}), burned ${amount(burned, "WEFT")}, locked ${amount(collateral, "WEFT")}, gas ${count(sent.gasUsed)}`,
      `  coldkey ${coldkey.address}`,
      `  hotkey  ${hotkey.address}`,
      ...nextSteps(args, coin),
    ],
    json: {
      uid,
      neuronId: String(neuronId),
      coldkey: coldkey.address,
      hotkey: hotkey.address,
      burned: weftJson(burned),
      locked: weftJson(collateral),
      ...transactionJson(sent),
    },
  };
}

async function readRegistration(run: RunContracts, hotkey: Address, signal: AbortSignal) {
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi } as const;
  const [[neuronId, uid], price, { collateral }] = await callRpc("read the registration", signal, () =>
    Promise.all([
      run.publicClient.readContract({ ...metagraph, functionName: "neuronOf", args: [hotkey] }),
      run.publicClient.readContract({ ...metagraph, functionName: "burnPrice" }),
      run.publicClient.readContract({ ...metagraph, functionName: "parameters" }),
    ]),
  );
  return { neuronId, uid, price, collateral };
}

function nextSteps({ as, dir }: RegisterArguments, hotkeyCoin: bigint): string[] {
  const who = `--as ${as}${dir === defaultNetworkDir ? "" : ` --dir ${dir}`}`;
  const gas = `The hotkey pays its own gas and has none: npx hardhat fund ${who} --coin AMOUNT`;
  return [
    ...(hotkeyCoin === 0n ? [gas] : []),
    `Train: npm run miner -- ${who}`,
    `Validate: npx hardhat stake ${who} --amount 1000 --permit, then npm run validator -- ${who}`,
  ];
}

export default verbAction(registerVerb);
