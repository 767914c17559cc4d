import { type Address, LimitExceededRpcError, type Log, type PublicClient } from "viem";
import { WeftError } from "../protocol/errors.ts";
import { callRpc, findCause } from "./rpcErrors.ts";

const CHUNK_BLOCKS = 2_000n;

/** Reads contracts' logs in ranges of blocks that the node agrees to: one that it refuses is halved, for good. */
export class LogReader {
  readonly #client: PublicClient;
  readonly #addresses: readonly Address[];
  #chunk: bigint;

  /** @param chunkBlocks Most blocks asked for at once. */
  constructor(client: PublicClient, addresses: readonly Address[], chunkBlocks: bigint = CHUNK_BLOCKS) {
    this.#client = client;
    this.#addresses = addresses;
    this.#chunk = chunkBlocks;
  }

  /** All logs of blocks `from` to `to`, in chain order, range by range. @throws RetryableError as `rpcError` */
  async *read(from: bigint, to: bigint, signal: AbortSignal): AsyncGenerator<Log<bigint, number, false>[]> {
    let next = from;
    while (next <= to) {
      const last = next + this.#chunk - 1n < to ? next + this.#chunk - 1n : to;
      const logs = await this.#range(next, last, signal);
      if (logs === undefined) continue; // refused: the chunk is smaller now
      yield logs;
      next = last + 1n;
    }
  }

  async #range(fromBlock: bigint, toBlock: bigint, signal: AbortSignal) {
    try {
      return await callRpc("read events", signal, () =>
        this.#client.getLogs({ address: [...this.#addresses], fromBlock, toBlock }),
      );
    } catch (error) {
      if (this.#chunk === 1n || !isRefusal(error)) throw error;
      this.#chunk /= 2n;
      return undefined;
    }
  }
}

/** A node's way to say that a range is too long or has too many logs; codes and words differ between providers. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof WeftError)) return false;
  if (error.code === "RPC_LIMIT" || findCause(error, LimitExceededRpcError) !== undefined) return true;
  return (
    error.code === "RPC_FAILED" &&
    /range|limit|too many|more than|exceed|response size/i.test(String(error.cause))
  );
}
