import { encodeFunctionData } from "viem";
import type { Epoch } from "../../protocol/quantities.ts";
import type { SettlementWitness } from "../../protocol/settlement.ts";
import { epochEngineAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** An epoch and what `EpochEngine` checks against its hashes; `prepareSettlement` makes one. */
export interface Settlement {
  readonly epoch: Epoch;
  readonly witness: SettlementWitness;
}

/** Settles an epoch, from the third round of the next on; anyone may. @throws as `Sender.send` */
export function settleEpoch(
  run: SigningRun,
  { epoch, witness }: Settlement,
  signal: AbortSignal,
): Promise<Sent> {
  const args = [BigInt(epoch), witness] as const;
  const data = encodeFunctionData({ abi: epochEngineAbi, functionName: "settleEpoch", args });
  return run.sender.send({ action: "settleEpoch", to: run.addresses.epochEngine, data }, signal);
}
