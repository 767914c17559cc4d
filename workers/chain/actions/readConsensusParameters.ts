import type { Epoch } from "../../protocol/quantities.ts";
import type { YumaParameters } from "../../protocol/yuma.ts";
import { epochEngineAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

/**
 * The parameters that an epoch is settled with. They may change until the epoch is over.
 * @throws RetryableError as `rpcError`
 */
export async function readConsensusParameters(
  run: RunContracts,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<YumaParameters> {
  const { kappaU16, bondsMovingAverageMillionths, bondsPenalty } = await callRpc(
    "read the consensus parameters",
    signal,
    () =>
      run.publicClient.readContract({
        address: run.addresses.epochEngine,
        abi: epochEngineAbi,
        functionName: "parametersAt",
        args: [BigInt(epoch)],
      }),
  );
  return {
    kappaU16: Number(kappaU16),
    bondsMovingAverageMillionths: Number(bondsMovingAverageMillionths),
    bondsPenalty: bondsPenalty ? 1 : 0,
  };
}
