import { encodeFunctionData, type Hex } from "viem";
import type { Round } from "../../protocol/quantities.ts";
import { updateLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Encrypted content and the commitment to it; `size` in bytes. */
export interface UpdateCommit {
  readonly round: Round;
  readonly digest: Hex;
  readonly size: number;
  readonly commitment: Hex;
}

/** Commits the hotkey to the update of the current round, in its commit phase. @throws as `Sender.send` */
export function commitUpdate(run: SigningRun, update: UpdateCommit, signal: AbortSignal): Promise<Sent> {
  const { round, digest, size, commitment } = update;
  const args = [BigInt(round), digest, BigInt(size), commitment] as const;
  const data = encodeFunctionData({ abi: updateLedgerAbi, functionName: "commitUpdate", args });
  return run.sender.send({ action: "commitUpdate", to: run.addresses.updateLedger, data }, signal);
}
