import { encodeFunctionData, type Hex } from "viem";
import type { Epoch } from "../../protocol/quantities.ts";
import { weightLedgerAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Commitment to a row, and the evaluation log behind it; `logSize` in bytes. */
export interface WeightsCommit {
  readonly epoch: Epoch;
  readonly commitment: Hex;
  readonly logDigest: Hex;
  readonly logSize: number;
}

/** Commits the hotkey to its weights for `epoch`, in the first round of the next. @throws as `Sender.send` */
export function commitWeights(run: SigningRun, weights: WeightsCommit, signal: AbortSignal): Promise<Sent> {
  const { epoch, commitment, logDigest, logSize } = weights;
  const args = [BigInt(epoch), commitment, logDigest, BigInt(logSize)] as const;
  const data = encodeFunctionData({ abi: weightLedgerAbi, functionName: "commitWeights", args });
  return run.sender.send({ action: "commitWeights", to: run.addresses.weightLedger, data }, signal);
}
