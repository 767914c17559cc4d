import {
  type AbiEvent,
  type Address,
  type Hex,
  LimitExceededRpcError,
  type Log,
  type PublicClient,
} from "viem";
import { RetryableError, WeftError } from "../protocol/errors.ts";
import { readBlock } from "./blocks.ts";
import { callRpc, findCause } from "./rpcErrors.ts";

const CHUNK_BLOCKS = 2_000n;

/** Reads contracts' logs in ranges of blocks that the node agrees to: one that it refuses is halved, for good. */
export class LogReader {
  readonly #client: PublicClient;
  readonly #addresses: readonly Address[];
  readonly #events: readonly AbiEvent[] | undefined;
  #chunk: bigint;

  /**
   * @param chunkBlocks Most blocks asked for at once.
   * @param events The only ones wanted: the node sends no others.
   */
  constructor(
    client: PublicClient,
    addresses: readonly Address[],
    chunkBlocks: bigint = CHUNK_BLOCKS,
    events?: readonly AbiEvent[],
  ) {
    this.#client = client;
    this.#addresses = addresses;
    this.#events = events;
    this.#chunk = chunkBlocks;
  }

  /**
   * The logs of blocks `from` to `to`, in chain order, range by range.
   * @param hash of block `to`: a node that lags has no logs of blocks it lacks, and does not say so
   * @throws RetryableError CHAIN_MOVED where the node that answers has another block `to`; as `rpcError`
   */
  async *read(
    from: bigint,
    to: bigint,
    signal: AbortSignal,
    hash?: Hex,
  ): AsyncGenerator<Log<bigint, number, false>[]> {
    let next = from;
    while (next <= to) {
      const last = next + this.#chunk - 1n < to ? next + this.#chunk - 1n : to;
      // Asked together, so that the same node answers both.
      const [logs, end] = await Promise.all([
        this.#range(next, last, signal),
        hash === undefined ? undefined : readBlock(this.#client, to, signal),
      ]);
      if (end?.hash !== hash) {
        throw new RetryableError("CHAIN_MOVED", `block ${to} was replaced while events were read`, {
          data: { block: to },
        });
      }
      if (logs === undefined) continue; // refused: the chunk is smaller now
      yield logs;
      next = last + 1n;
    }
  }

  async #range(fromBlock: bigint, toBlock: bigint, signal: AbortSignal) {
    try {
      return await callRpc("read events", signal, () =>
        this.#client.getLogs({ address: [...this.#addresses], events: this.#events, fromBlock, toBlock }),
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
