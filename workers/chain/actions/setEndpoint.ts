import { encodeFunctionData } from "viem";
import { directoryAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** The signer, as hotkey, says where its worker is reached; nowhere when empty. @throws as `Sender.send` */
export function setEndpoint(run: SigningRun, endpoint: string, signal: AbortSignal): Promise<Sent> {
  const data = encodeFunctionData({ abi: directoryAbi, functionName: "setEndpoint", args: [endpoint] });
  return run.sender.send({ action: "setEndpoint", to: run.addresses.directory, data }, signal);
}
