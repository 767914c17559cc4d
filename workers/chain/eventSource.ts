import { type ChainEvent, comparePositions } from "../protocol/chainEvents.ts";
import { FatalError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { type BlockHeader, readBlock } from "./blocks.ts";
import { decodeEvent, type EventLog, parseEvents } from "./decodeEvent.ts";
import { LogReader } from "./logReader.ts";
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

/** Reads a run's events from all its contracts, each once and in order, with block times. */
export class EventSource {
  readonly #run: RunContracts;
  readonly #confirmations: bigint;
  readonly #reader: LogReader;
  #next: bigint;
  #last: BlockHeader | undefined;
  readonly #times = new Map<bigint, number>();

  constructor(run: RunContracts, options: EventSourceOptions = {}) {
    this.#run = run;
    this.#next = options.fromBlock ?? run.deployBlock;
    this.#confirmations = BigInt(options.confirmations ?? 0);
    this.#reader = new LogReader(run.publicClient, Object.values(run.addresses), options.chunkBlocks);
  }

  /**
   * What is new since the last poll. A poll that fails loses nothing: the next one begins where this one did.
   * @throws FatalError CHAIN_REORGANISED when blocks already read were replaced; RetryableError as `rpcError`
   */
  async poll(signal: AbortSignal): Promise<EventBatch> {
    const head = await this.#head(signal);
    await this.#requireSameChain(head, signal);
    const events: ChainEvent[] = [];
    for await (const logs of this.#reader.read(this.#next, head.number, signal)) {
      for (const log of parseEvents(logs)) {
        events.push(decodeEvent(log, await this.#timeOf(log, head, signal)));
      }
    }
    this.#times.clear();
    if (head.number >= this.#next) this.#next = head.number + 1n;
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
