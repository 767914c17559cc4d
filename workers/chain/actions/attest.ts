import { encodeFunctionData } from "viem";
import type { Round } from "../../protocol/quantities.ts";
import { attestationLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** What a validator holds of the updates of a round: bit j for uid j. */
export interface Attestation {
  readonly round: Round;
  readonly bitmap: bigint;
}

/** Attests in the current round's attest phase. A validator's first of a round counts. @throws as `Sender.send` */
export function attest(run: SigningRun, { round, bitmap }: Attestation, signal: AbortSignal): Promise<Sent> {
  const args = [BigInt(round), bitmap] as const;
  const data = encodeFunctionData({ abi: attestationLedgerAbi, functionName: "attest", args });
  return run.sender.send({ action: "attest", to: run.addresses.attestationLedger, data }, signal);
}
