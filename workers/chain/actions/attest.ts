import { encodeFunctionData } from "viem";
import type { Round } from "../../protocol/quantities.ts";
import { attestationLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Says which updates of the current round the validator holds: bit j for uid j. @throws as `Sender.send` */
export function attest(run: SigningRun, round: Round, bitmap: bigint, signal: AbortSignal): Promise<Sent> {
  const args = [BigInt(round), bitmap] as const;
  const data = encodeFunctionData({ abi: attestationLedgerAbi, functionName: "attest", args });
  return run.sender.send({ action: "attest", to: run.addresses.attestationLedger, data }, signal);
}
