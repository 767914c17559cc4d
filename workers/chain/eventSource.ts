import { type Address, LimitExceededRpcError } from "viem";
import { type ChainEvent, comparePositions } from "../protocol/chainEvents.ts";
import { FatalError, WeftError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { type BlockHeader, readBlock } from "./blocks.ts";
import { decodeEvent, type EventLog, parseEvents } from "./decodeEvent.ts";
import { callRpc, findCause } from "./rpcErrors.ts";
import type { RunContracts } from "./run.ts";

export interface EventSourceOptions {
  /** First block to read; the run's deploy block when absent. */
  readonly fromBlock?: bigint;
  /** Most blocks asked for at once; halved where the node refuses. */
  readonly chunkBlocks?: bigint;
  /** Blocks that must stand on top of one before it is read. */
  readonly confirmations?: number;
}

/** The events of the blocks up to and including `head` that earlier batches did not have, in chain order. */
export interface EventBatch {
  readonly events: readonly ChainEvent[];
  readonly head: BlockHeader;
}

const CHUNK_BLOCKS = 2_000n;

/** Reads a run's events from all its contracts, each once and in order, with block times. */
export class EventSource {
  readonly #run: RunContracts;
  readonly #confirmations: bigint;
  readonly #addresses: Address[];
  #chunk: bigint;
  #next: bigint;
  #last: BlockHeader | undefined;
  readonly #times = new Map<bigint, number>();

  constructor(run: RunContracts, options: EventSourceOptions = {}) {
    this.#run = run;
    this.#next = options.fromBlock ?? run.deployBlock;
    this.#chunk = options.chunkBlocks ?? CHUNK_BLOCKS;
    this.#confirmations = BigInt(options.confirmations ?? 0);
    this.#addresses = Object.values(run.addresses);
  }

  /**
   * What is new since the last poll. A poll that fails loses nothing: the next one begins where this one did.
   * @throws FatalError CHAIN_REORGANISED when blocks already read were replaced; RetryableError as `rpcError`
   */
  async poll(signal: AbortSignal): Promise<EventBatch> {
    const head = await this.#head(signal);
    await this.#requireSameChain(head, signal);
    const events: ChainEvent[] = [];
    let next = this.#next;
    while (next <= head.number) {
      const last = next + this.#chunk - 1n < head.number ? next + this.#chunk - 1n : head.number;
      const logs = await this.#logs(next, last, signal);
      if (logs === undefined) continue; // refused: the chunk is smaller now
      for (const log of logs) events.push(decodeEvent(log, await this.#timeOf(log, head, signal)));
      next = last + 1n;
    }
    this.#times.clear();
    this.#next = next;
    this.#last = head;
    return { events: events.sort(comparePositions), head };
  }

  async #head(signal: AbortSignal): Promise<BlockHeader> {
    const client = this.#run.publicClient;
    const latest = await readBlock(client, "latest", signal);
    if (this.#confirmations === 0n) return latest;
    const number = latest.number - this.#confirmations;
    return readBlock(client, number < 0n ? 0n : number, signal);
  }

  /** An event source only ever adds: what was handed out must still be on the chain. */
  async #requireSameChain(head: BlockHeader, signal: AbortSignal): Promise<void> {
    const last = this.#last;
    if (last === undefined || head.hash === last.hash || head.parentHash === last.hash) return;
    if (head.number >= last.number) {
      const now = await readBlock(this.#run.publicClient, last.number, signal);
      if (now.hash === last.hash) return;
    }
    throw new FatalError("CHAIN_REORGANISED", `block ${last.number} was replaced after it was read`, {
      data: { block: last.number, hash: last.hash, head: head.number },
      hint: "Start the worker again: it reads the chain anew. Raise the confirmations if this happens often.",
    });
  }

  async #logs(fromBlock: bigint, toBlock: bigint, signal: AbortSignal): Promise<EventLog[] | undefined> {
    try {
      const logs = await callRpc("read events", signal, () =>
        this.#run.publicClient.getLogs({ address: this.#addresses, fromBlock, toBlock }),
      );
      return parseEvents(logs);
    } catch (error) {
      if (this.#chunk === 1n || !isRefusal(error)) throw error;
      this.#chunk /= 2n;
      return undefined;
    }
  }

  async #timeOf(log: EventLog, head: BlockHeader, signal: AbortSignal): Promise<number> {
    if (log.blockNumber === head.number) return head.timestamp;
    const known = this.#times.get(log.blockNumber);
    if (known !== undefined) return known;
    const { timestamp } = await readBlock(this.#run.publicClient, log.blockNumber, signal);
    this.#times.set(log.blockNumber, timestamp);
    return timestamp;
  }
}

/** Polls until aborted; ends without an error then. Failures of the RPC are the caller's to wait out and call again. */
export async function* watchEvents(
  source: EventSource,
  clock: Clock,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<EventBatch> {
  while (!signal.aborted) {
    yield await source.poll(signal);
    await clock.sleep(everyMs, signal).catch((reason: unknown) => {
      if (!signal.aborted) throw reason;
    });
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
