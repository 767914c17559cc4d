import { encodeFunctionData, type LocalAccount } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { metagraphAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";
import { signConsent } from "./consent.ts";
import { deadlineIn } from "./deadline.ts";

/** The signer, as coldkey, lets another hotkey serve its neuron. @throws as `Sender.send` */
export async function rotateHotkey(
  run: SigningRun,
  neuronId: NeuronId,
  hotkey: LocalAccount,
  signal: AbortSignal,
): Promise<Sent> {
  const deadline = await deadlineIn(run, signal);
  const consent = await signConsent(run, hotkey, deadline);
  const args = [neuronId, hotkey.address, deadline, consent] as const;
  const data = encodeFunctionData({ abi: metagraphAbi, functionName: "rotateHotkey", args });
  return run.sender.send({ action: "rotateHotkey", to: run.addresses.metagraph, data }, signal);
}
