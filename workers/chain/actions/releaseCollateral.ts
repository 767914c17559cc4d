import { encodeFunctionData, parseEventLogs } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { collateralVaultAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Pays a neuron's unlocked collateral to its coldkey; anyone may. `amount` in wei. @throws as `Sender.send` */
export async function releaseCollateral(
  run: SigningRun,
  neuronId: NeuronId,
  signal: AbortSignal,
): Promise<Sent & { readonly amount: bigint }> {
  const data = encodeFunctionData({ abi: collateralVaultAbi, functionName: "release", args: [neuronId] });
  const sent = await run.sender.send({ action: "release", to: run.addresses.vault, data }, signal);
  const [event] = parseEventLogs({
    abi: collateralVaultAbi,
    eventName: "CollateralReleased",
    logs: sent.logs,
  });
  return { ...sent, amount: event?.args.amount ?? 0n };
}
