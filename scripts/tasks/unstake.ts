import { unstake } from "../../workers/chain/actions/unstake.ts";
import { readBlock } from "../../workers/chain/blocks.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseAmount } from "./amounts.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { readPool } from "./pool.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface UnstakeArguments extends NeuronArguments {
  /** Whole WEFT. */
  readonly amount?: string;
  readonly all: boolean;
}

/**
 * Gives up stake, to be withdrawn when it is released.
 * @throws FatalError AMOUNT_MISSING, AMOUNT_INVALID, OPTIONS_CONFLICT, INSUFFICIENT_STAKE; as `openRun`, `neuronOf`,
 * `unstake`
 */
export async function unstakeVerb(args: UnstakeArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const wanted = wantedAssets(args);
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const coldkey = await coldkeyOf(args, context, "refuse");
  const { own } = await readPool(run, neuronId, coldkey.address, signal);
  if (own === 0n || (wanted !== "all" && wanted > own)) {
    throw new FatalError(
      "INSUFFICIENT_STAKE",
      `${coldkey.address} has ${amount(own, "WEFT")} on neuron ${neuronId}`,
      {
        data: { coldkey: coldkey.address, neuronId, own },
        hint: own === 0n ? "Name the neuron with --neuron or --uid." : "Unstake no more than that, or --all.",
      },
    );
  }
  const what = amount(wanted === "all" ? own : wanted, "WEFT");
  const intent = {
    does: `unstake ${what} from neuron ${neuronId}; it stops earning now and is paid when the unbonding time is over`,
    irreversible: true,
  };
  const sent = await unstake(actAs(run, coldkey, context, intent), neuronId, wanted, signal);
  const { assets, releaseAt } = sent;
  const { timestamp } = await readBlock(run.publicClient, "latest", signal);
  const left = Math.max(0, releaseAt - timestamp);
  return {
    lines: [
      `unstaked ${amount(assets, "WEFT")} from neuron ${neuronId}, gas ${count(sent.gasUsed)}`,
      `  npx hardhat withdraw pays it from ${new Date(releaseAt * 1000).toISOString()} on, in ${count(left)} s`,
    ],
    json: {
      neuronId: String(neuronId),
      coldkey: coldkey.address,
      unstaked: weftJson(assets),
      releaseAt,
      ...transactionJson(sent),
    },
  };
}

function wantedAssets({ all, amount: text }: UnstakeArguments): bigint | "all" {
  if (!all) return parseAmount("--amount", text);
  if (text === undefined) return "all";
  throw new FatalError("OPTIONS_CONFLICT", "--amount and --all are both given", {
    hint: "Give one of them.",
  });
}

export default verbAction(unstakeVerb);
