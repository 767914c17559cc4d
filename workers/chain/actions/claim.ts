import { encodeFunctionData, parseEventLogs } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { emissionAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Pays a neuron's earnings to its coldkey; anyone may. `amount` in wei. @throws as `Sender.send` */
export async function claim(
  run: SigningRun,
  neuronId: NeuronId,
  signal: AbortSignal,
): Promise<Sent & { readonly amount: bigint }> {
  const data = encodeFunctionData({ abi: emissionAbi, functionName: "claim", args: [neuronId] });
  const sent = await run.sender.send({ action: "claim", to: run.addresses.emission, data }, signal);
  const [event] = parseEventLogs({ abi: emissionAbi, eventName: "Claimed", logs: sent.logs });
  return { ...sent, amount: event?.args.amount ?? 0n };
}
