import { encodeFunctionData, type Hex } from "viem";
import type { Round } from "../../protocol/quantities.ts";
import { updateLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** What was committed, and the salt that opens it. */
export interface UpdateReveal {
  readonly round: Round;
  readonly digest: Hex;
  readonly size: number;
  readonly dataRoot: Hex;
  readonly salt: Hex;
}

/** Opens the hotkey's commitment of the current round, in its reveal phase. @throws as `Sender.send` */
export function revealUpdate(run: SigningRun, update: UpdateReveal, signal: AbortSignal): Promise<Sent> {
  const { round, digest, size, dataRoot, salt } = update;
  const args = [BigInt(round), digest, BigInt(size), dataRoot, salt] as const;
  const data = encodeFunctionData({ abi: updateLedgerAbi, functionName: "revealUpdate", args });
  return run.sender.send({ action: "revealUpdate", to: run.addresses.updateLedger, data }, signal);
}
