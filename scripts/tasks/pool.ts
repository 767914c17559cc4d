import type { Address } from "viem";
import { stakeManagerAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";

/** A pool's stake, all of it and an account's part; wei. @throws RetryableError as `rpcError` */
export async function readPool(
  run: RunContracts,
  neuronId: NeuronId,
  account: Address,
  signal: AbortSignal,
): Promise<{ readonly total: bigint; readonly own: bigint }> {
  const pools = { address: run.addresses.stakeManager, abi: stakeManagerAbi } as const;
  const [total, own] = await callRpc("read the pool", signal, () =>
    Promise.all([
      run.publicClient.readContract({ ...pools, functionName: "poolAssets", args: [neuronId] }),
      run.publicClient.readContract({ ...pools, functionName: "assetsOf", args: [neuronId, account] }),
    ]),
  );
  return { total, own };
}
