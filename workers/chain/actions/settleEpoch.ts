import { encodeFunctionData, type Hex } from "viem";
import type { Epoch, NeuronId } from "../../protocol/quantities.ts";
import { epochEngineAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** What `EpochEngine` checks against its hashes (IEpochEngine.Witness). */
export interface SettlementWitness {
  /** One per uid permitted in the epoch, ascending; "0x" where none was revealed. */
  readonly rows: readonly Hex[];
  /** As the last `EpochSettled` published it; everything empty before the first. */
  readonly previous: {
    readonly neuronIds: readonly NeuronId[];
    readonly columns: number;
    readonly bonds: Hex;
  };
  /** Per uid the index in `rows` of a validator that holds the median, one byte each. */
  readonly medianHints: Hex;
}

/** Settles `epoch`, from the third round of the next on; anyone may. @throws as `Sender.send` */
export function settleEpoch(
  run: SigningRun,
  epoch: Epoch,
  witness: SettlementWitness,
  signal: AbortSignal,
): Promise<Sent> {
  const { rows, previous, medianHints } = witness;
  const { neuronIds, columns, bonds } = previous;
  const words = { rows, previous: { neuronIds, columns: BigInt(columns), bonds }, medianHints };
  const args = [BigInt(epoch), words] as const;
  const data = encodeFunctionData({ abi: epochEngineAbi, functionName: "settleEpoch", args });
  return run.sender.send({ action: "settleEpoch", to: run.addresses.epochEngine, data }, signal);
}
