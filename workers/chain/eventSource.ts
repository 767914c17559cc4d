import { type ChainEvent, comparePositions } from "../protocol/chainEvents.ts";
import { FatalError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { type BlockHeader, readBlock } from "./blocks.ts";
import { decodeEvent, type EventLog, parseEvents } from "./decodeEvent.ts";
import { LogReader } from "./logReader.ts";
import type { RunContracts } from "./run.ts";
import { type ForkPoint, maxReorgBlocks, SeenBlocks } from "./seenBlocks.ts";

export interface EventSourceOptions {
  /** First block to read; the run's deploy block when absent. */
  readonly fromBlock?: bigint;
  /** Most blocks asked for at once; halved where the node refuses. */
  readonly chunkBlocks?: bigint;
  /** Blocks that must stand on top of one before it is read. */
  readonly confirmations?: number;
  /** About how many events a batch has, for who must not hold a long history at once; any number when absent. */
  readonly batchEvents?: number;
  /** Where an earlier source stopped: its `seen`. Reading goes on behind the newest of them. */
  readonly seen?: readonly BlockHeader[];
}

/** The events of the blocks up to and including `head` that earlier batches did not have, in chain order. */
export interface EventBatch {
  readonly events: readonly ChainEvent[];
  readonly head: BlockHeader;
  /** Blocks above this one were replaced: what earlier batches said of them no longer holds. */
  readonly rewound?: ForkPoint;
  /** More blocks wait than this batch has. */
  readonly behind?: true;
}

/** Bounds of a batch whose events are counted: it grows and shrinks between them. */
const firstBatchBlocks = 64n;
const maxBatchBlocks = 8_192n;

/**
 * Reads a run's events from all its contracts, each once and in order, with block times. Reorganisations of up to
 * `maxReorgBlocks` blocks are followed; a head older than what was read already is no news.
 */
export class EventSource {
  readonly #run: RunContracts;
  readonly #confirmations: bigint;
  readonly #batchEvents: number | undefined;
  /** Most blocks of the next batch. */
  #batchBlocks = firstBatchBlocks;
  readonly #reader: LogReader;
  readonly #seen: SeenBlocks;
  readonly #first: bigint;
  #next: bigint;
  /** Nothing was polled yet: what `seen` says may be of a chain that was replaced meanwhile. */
  #restored: boolean;
  readonly #times = new Map<bigint, number>();

  constructor(run: RunContracts, options: EventSourceOptions = {}) {
    this.#run = run;
    this.#first = options.fromBlock ?? run.deployBlock;
    this.#seen = new SeenBlocks(options.seen);
    const newest = this.#seen.newest;
    this.#restored = newest !== undefined;
    this.#next = newest === undefined ? this.#first : newest.number + 1n;
    this.#confirmations = BigInt(options.confirmations ?? 0);
    this.#batchEvents = options.batchEvents;
    this.#reader = new LogReader(run.publicClient, Object.values(run.addresses), options.chunkBlocks);
  }

  /** Headers from which another source can go on behind the last batch. */
  get seen(): readonly BlockHeader[] {
    return this.#seen.all;
  }

  /**
   * What is new since the last poll. A poll that fails loses nothing: the next one begins where this one did.
   * @throws FatalError CHAIN_REORGANISED when more than `maxReorgBlocks` blocks already read were replaced; RetryableError
   * CHAIN_MOVED when the chain changed while it was read, or as `rpcError`
   */
  async poll(signal: AbortSignal): Promise<EventBatch> {
    const { head, behind } = await this.#head(signal);
    const { newest } = this.#seen;
    if (newest === undefined) await this.#begin(signal);
    const fork = newest === undefined ? undefined : await this.#forkBelow(head, newest, signal);
    if (fork === "behind" && newest !== undefined) return { events: [], head: newest };
    const rewound = fork === "behind" ? undefined : fork;
    const from = rewound === undefined ? this.#next : rewound.number + 1n;
    const events: ChainEvent[] = [];
    for await (const logs of this.#reader.read(from, head.number, signal, head.hash)) {
      for (const log of parseEvents(logs)) {
        events.push(decodeEvent(log, await this.#timeOf(log, head, signal)));
      }
    }
    this.#times.clear();
    if (rewound !== undefined) this.#seen.rewind(rewound.number);
    await this.#see(head, signal);
    this.#restored = false;
    this.#next = head.number + 1n > from ? head.number + 1n : from;
    this.#adapt(events.length);
    return {
      events: events.sort(comparePositions),
      head,
      ...(rewound === undefined ? {} : { rewound }),
      ...(behind ? { behind } : {}),
    };
  }

  /** The last block of the next batch, and whether others follow that could be read. */
  async #head(signal: AbortSignal): Promise<{ readonly head: BlockHeader; readonly behind: boolean }> {
    const client = this.#run.publicClient;
    const latest = await readBlock(client, "latest", signal);
    const confirmed = latest.number - this.#confirmations;
    const most = this.#batchEvents === undefined ? confirmed : this.#next + this.#batchBlocks - 1n;
    const behind = most < confirmed;
    const number = behind ? most : confirmed;
    const head =
      number === latest.number ? latest : await readBlock(client, number < 0n ? 0n : number, signal);
    return { head, behind };
  }

  /** Makes the next batch as long as the last one's events say. */
  #adapt(events: number): void {
    if (this.#batchEvents === undefined) return;
    if (events > 2 * this.#batchEvents) this.#batchBlocks = this.#batchBlocks / 2n || 1n;
    else if (2 * events < this.#batchEvents && this.#batchBlocks < maxBatchBlocks) this.#batchBlocks *= 2n;
  }

  /** The block before the first: it stands for the chain itself. */
  async #begin(signal: AbortSignal): Promise<void> {
    const number = this.#first > 0n ? this.#first - 1n : 0n;
    this.#seen.add(await readBlock(this.#run.publicClient, number, signal));
  }

  async #see(head: BlockHeader, signal: AbortSignal): Promise<void> {
    const below = this.#seen.missingBelow(head.number);
    if (below !== undefined) this.#seen.add(await readBlock(this.#run.publicClient, below, signal));
    this.#seen.add(head);
  }

  /**
   * Where the chain under `head` leaves what was read: undefined if it does not, "behind" while `head` is older than the
   * newest block read. A node may lag; a shorter chain is followed once it is as long as the one that it replaces.
   */
  async #forkBelow(
    head: BlockHeader,
    newest: BlockHeader,
    signal: AbortSignal,
  ): Promise<ForkPoint | "behind" | undefined> {
    if (head.hash === newest.hash || head.parentHash === newest.hash) return undefined;
    if (head.number < newest.number) {
      const base = this.#seen.base ?? newest;
      if (base.number > head.number || (await this.#stands(base, signal))) return "behind";
      return this.#lost(head, newest);
    }
    for (const block of this.#seen.withinReach()) {
      if (!(await this.#stands(block, signal))) continue;
      return block.hash === newest.hash ? undefined : block;
    }
    return this.#lost(head, newest);
  }

  async #stands({ number, hash }: BlockHeader, signal: AbortSignal): Promise<boolean> {
    return (await readBlock(this.#run.publicClient, number, signal)).hash === hash;
  }

  /** Nothing that was read stands any more: whoever was away meanwhile begins anew. */
  #lost(head: BlockHeader, { number, hash }: BlockHeader): ForkPoint {
    if (this.#restored) {
      this.#seen.rewind(-1n);
      return { number: this.#first - 1n, timestamp: 0 };
    }
    throw new FatalError("CHAIN_REORGANISED", `blocks up to ${number} were replaced after they were read`, {
      data: { block: number, hash, head: head.number, followedBlocks: maxReorgBlocks },
      hint: "Start the worker again: it reads the chain anew. Raise the run's confirmations if this happens often.",
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
