import { encodeFunctionData } from "viem";
import type { Uid } from "../../protocol/quantities.ts";
import { metagraphAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Claims the right to validate for the uid of the hotkey or coldkey that signs. @throws as `Sender.send` */
export function claimPermit(run: SigningRun, uid: Uid, signal: AbortSignal): Promise<Sent> {
  const data = encodeFunctionData({ abi: metagraphAbi, functionName: "claimPermit", args: [BigInt(uid)] });
  return run.sender.send({ action: "claimPermit", to: run.addresses.metagraph, data }, signal);
}
