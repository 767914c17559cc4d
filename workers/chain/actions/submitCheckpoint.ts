import { encodeFunctionData, type Hex } from "viem";
import { type Checkpoint, checkpointMessage } from "../../protocol/checkpoint.ts";
import { checkpointLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Makes a checkpoint the attested one by validators' signatures, 64 bytes each; anyone may. @throws as `Sender.send` */
export function submitCheckpoint(
  run: SigningRun,
  checkpoint: Checkpoint,
  signatures: Hex,
  signal: AbortSignal,
): Promise<Sent> {
  const args = [checkpointMessage(checkpoint), signatures, []] as const;
  const data = encodeFunctionData({ abi: checkpointLedgerAbi, functionName: "submit", args });
  return run.sender.send({ action: "submitCheckpoint", to: run.addresses.checkpointLedger, data }, signal);
}
