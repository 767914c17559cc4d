import { encodeFunctionData, type Hex } from "viem";
import type { Epoch } from "../../protocol/quantities.ts";
import { weightLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** The packed row (big-endian u16 by uid) and the salt that opens its commitment. */
export interface WeightsReveal {
  readonly epoch: Epoch;
  readonly row: Hex;
  readonly salt: Hex;
}

/** Opens the hotkey's weights for `epoch`, in the second round of the next. @throws as `Sender.send` */
export function revealWeights(run: SigningRun, weights: WeightsReveal, signal: AbortSignal): Promise<Sent> {
  const args = [BigInt(weights.epoch), weights.row, weights.salt] as const;
  const data = encodeFunctionData({ abi: weightLedgerAbi, functionName: "revealWeights", args });
  return run.sender.send({ action: "revealWeights", to: run.addresses.weightLedger, data }, signal);
}
