import { encodeFunctionData, parseEventLogs } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { stakeManagerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Pays out what the signer unstaked from a neuron and has been released. `assets` in wei. @throws as `Sender.send` */
export async function withdraw(
  run: SigningRun,
  neuronId: NeuronId,
  signal: AbortSignal,
): Promise<Sent & { readonly assets: bigint }> {
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "withdraw", args: [neuronId] });
  const sent = await run.sender.send({ action: "withdraw", to: run.addresses.stakeManager, data }, signal);
  const [event] = parseEventLogs({ abi: stakeManagerAbi, eventName: "Withdrawn", logs: sent.logs });
  return { ...sent, assets: event?.args.assets ?? 0n };
}
