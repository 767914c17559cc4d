import { encodeFunctionData } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { directoryAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** What a neuron's owner says of it; empty where it says nothing. */
export interface Identity {
  readonly name: string;
  readonly url: string;
}

/** The signer, as coldkey, names its neuron. @throws as `Sender.send` */
export function setIdentity(
  run: SigningRun,
  neuronId: NeuronId,
  { name, url }: Identity,
  signal: AbortSignal,
): Promise<Sent> {
  const args = [neuronId, name, url] as const;
  const data = encodeFunctionData({ abi: directoryAbi, functionName: "setIdentity", args });
  return run.sender.send({ action: "setIdentity", to: run.addresses.directory, data }, signal);
}
