import type { Address, PublicClient } from "viem";
import { FatalError } from "../protocol/errors.ts";
import { callRpc } from "./rpcErrors.ts";

/**
 * The first block in which any of the contracts has code, by bisection.
 * @throws FatalError DEPLOY_BLOCK_UNKNOWN where the node keeps no old state; RetryableError as `rpcError`
 */
export async function findDeployBlock(
  client: PublicClient,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<bigint> {
  const head = await callRpc("read the head", signal, () => client.getBlockNumber());
  let first = head;
  for (const address of addresses) {
    let low = -1n; // invariant: no code at low, code at first
    let high = first;
    if (!(await hasCode(client, address, high, signal))) continue;
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      if (await hasCode(client, address, middle, signal)) high = middle;
      else low = middle;
    }
    first = high;
  }
  return first;
}

async function hasCode(client: PublicClient, address: Address, blockNumber: bigint, signal: AbortSignal) {
  try {
    const code = await callRpc("read old code", signal, () => client.getCode({ address, blockNumber }));
    return code !== undefined && code !== "0x";
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "RPC_FAILED") throw cause;
    throw new FatalError("DEPLOY_BLOCK_UNKNOWN", `the RPC does not know the state of block ${blockNumber}`, {
      cause,
      data: { blockNumber },
      hint: "Use an archive node, or give the block of the deployment with --deploy-block.",
    });
  }
}
