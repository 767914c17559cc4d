import { type Address, encodeFunctionData } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { metagraphAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** The signer, as coldkey, offers its neuron to another, which takes back an earlier offer. @throws as `Sender.send` */
export function offerColdkey(
  run: SigningRun,
  neuronId: NeuronId,
  to: Address,
  signal: AbortSignal,
): Promise<Sent> {
  const args = [neuronId, to] as const;
  const data = encodeFunctionData({ abi: metagraphAbi, functionName: "offerColdkey", args });
  return run.sender.send({ action: "offerColdkey", to: run.addresses.metagraph, data }, signal);
}

/** The signer becomes coldkey of a neuron that was offered to it. @throws as `Sender.send` */
export function acceptColdkey(run: SigningRun, neuronId: NeuronId, signal: AbortSignal): Promise<Sent> {
  const data = encodeFunctionData({ abi: metagraphAbi, functionName: "acceptColdkey", args: [neuronId] });
  return run.sender.send({ action: "acceptColdkey", to: run.addresses.metagraph, data }, signal);
}
