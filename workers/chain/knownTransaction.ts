import { type Hash, type PublicClient, TransactionNotFoundError } from "viem";
import { callRpc, findCause } from "./rpcErrors.ts";

/** Whether the node has the transaction, in a block or waiting for one. @throws RetryableError as `rpcError` */
export function isKnownTransaction(client: PublicClient, hash: Hash, signal: AbortSignal): Promise<boolean> {
  return callRpc("read a transaction", signal, async () => {
    try {
      await client.getTransaction({ hash });
      return true;
    } catch (error) {
      if (findCause(error, TransactionNotFoundError) !== undefined) return false;
      throw error;
    }
  });
}
