import type { YumaParameters } from "../../protocol/yuma.ts";
import { epochEngineAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

const ONE_Q32 = 2n ** 32n;
const MILLION = 1_000_000n;

/** The run's immutable consensus parameters. @throws RetryableError as `rpcError` */
export async function readConsensusParameters(
  run: RunContracts,
  signal: AbortSignal,
): Promise<YumaParameters> {
  const engine = { address: run.addresses.epochEngine, abi: epochEngineAbi } as const;
  const [kappaU16, alphaQ32, bondsPenalty] = await callRpc("read the consensus parameters", signal, () =>
    Promise.all([
      run.publicClient.readContract({ ...engine, functionName: "kappaU16" }),
      run.publicClient.readContract({ ...engine, functionName: "bondsAlphaQ32" }),
      run.publicClient.readContract({ ...engine, functionName: "bondsPenalty" }),
    ]),
  );
  return {
    kappaU16: Number(kappaU16),
    bondsMovingAverageMillionths: millionths(ONE_Q32 - alphaQ32),
    bondsPenalty: bondsPenalty ? 1 : 0,
  };
}

/** The one number of millionths whose Q32 form, rounded down, is `q32`: a millionth is more than one step of Q32. */
function millionths(q32: bigint): number {
  return Number((q32 * MILLION + ONE_Q32 - 1n) / ONE_Q32);
}
