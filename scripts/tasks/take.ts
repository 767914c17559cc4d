import { parseEventLogs } from "viem";
import { applyTake, setTake } from "../../workers/chain/actions/setTake.ts";
import { stakeManagerAbi } from "../../workers/chain/generated/abi.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { count } from "../format.ts";
import { actAs } from "./acting.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface TakeArguments extends NeuronArguments {
  /** Percent of dividends that the owner takes before its pool. */
  readonly percent?: string;
  /** Apply an announced take that is due. */
  readonly apply: boolean;
}

/**
 * Sets what a neuron's owner takes of its dividends: a lower part at once, a higher one after its notice.
 * @throws FatalError PERCENT_INVALID; ContractRevert NotColdkey, ParameterOutOfBounds, TakeNotDue; as `openRun`, `neuronOf`
 */
export async function takeVerb(args: TakeArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const takeBps = args.apply ? undefined : basisPoints(args.percent);
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const does =
    takeBps === undefined
      ? `apply the announced take of neuron ${neuronId}`
      : `set the take of neuron ${neuronId} to ${takeBps / 100} %`;
  const signing = actAs(run, await coldkeyOf(args, context, "refuse"), context, { does });
  const sent =
    takeBps === undefined
      ? await applyTake(signing, neuronId, signal)
      : await setTake(signing, neuronId, takeBps, signal);
  const logs = parseEventLogs({ abi: stakeManagerAbi, logs: sent.logs });
  const announced = logs.find((log) => log.eventName === "TakeAnnounced")?.args;
  const set = logs.find((log) => log.eventName === "TakeSet")?.args;
  const bps = Number((announced ?? set)?.takeBps ?? 0n);
  const when =
    announced === undefined
      ? "from now on"
      : `from epoch ${announced.fromEpoch} on, once applied: npx hardhat take --apply`;
  return {
    lines: [
      `neuron ${neuronId}'s owner takes ${bps / 100} % of dividends ${when}, gas ${count(sent.gasUsed)}`,
    ],
    json: {
      neuronId: String(neuronId),
      takeBps: bps,
      fromEpoch: announced === undefined ? null : Number(announced.fromEpoch),
      ...transactionJson(sent),
    },
  };
}

function basisPoints(percent: string | undefined): number {
  const bps = Number(percent) * 100;
  if (percent !== undefined && /^\d{1,2}(\.\d{1,2})?$/.test(percent) && Number.isInteger(Math.round(bps))) {
    return Math.round(bps);
  }
  throw new FatalError("PERCENT_INVALID", `not a percentage: "${percent ?? ""}"`, {
    data: { percent },
    hint: "Give --percent with at most two decimals, e.g. 12.5, or --apply.",
  });
}

export default verbAction(takeVerb);
