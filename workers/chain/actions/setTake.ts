import { encodeFunctionData } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { stakeManagerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** The signer, as coldkey, sets or announces what it takes of dividends, in basis points. @throws as `Sender.send` */
export function setTake(
  run: SigningRun,
  neuronId: NeuronId,
  takeBps: number,
  signal: AbortSignal,
): Promise<Sent> {
  const args = [neuronId, BigInt(takeBps)] as const;
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "setTake", args });
  return run.sender.send({ action: "setTake", to: run.addresses.stakeManager, data }, signal);
}

/** Applies an announced take; anyone may once it is due. @throws as `Sender.send` */
export function applyTake(run: SigningRun, neuronId: NeuronId, signal: AbortSignal): Promise<Sent> {
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "applyTake", args: [neuronId] });
  return run.sender.send({ action: "applyTake", to: run.addresses.stakeManager, data }, signal);
}
