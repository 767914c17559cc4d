import { BlockFinder, type BlockHeader } from "../chain/blocks.ts";
import { ChainTime } from "../chain/chainTime.ts";
import type { EventSource } from "../chain/eventSource.ts";
import type { RunContracts } from "../chain/run.ts";
import type { ForkPoint } from "../chain/seenBlocks.ts";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import { type Phase, phaseAt, roundAt } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { BlockTime, Round } from "../protocol/quantities.ts";
import { RunHistory } from "../protocol/runHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";

export interface RunFollowerOptions {
  readonly contracts: RunContracts;
  readonly events: Pick<EventSource, "poll"> & Partial<Pick<EventSource, "seen">>;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs?: number;
  /** Events that `events` does not give again: what an earlier follower read. */
  readonly read?: readonly ChainEvent[];
}

/** Keeps what was read, for a worker that starts again. */
export interface ChainKeeper {
  save(
    read: { readonly events: readonly ChainEvent[]; readonly seen: readonly BlockHeader[] },
    rewoundTo?: bigint,
  ): void;
}

/** Told that blocks above `fork` were replaced; what follows from them must go. */
type RewindListener = (fork: ForkPoint) => void;

/** Blocks after which what was read is kept although nothing happened in them. */
const keepEveryBlocks = 8n;

const defaultPollMs = 250;

/** A look at the chain under way, and the signal of whoever began it. */
interface Look {
  readonly done: Promise<void>;
  readonly signal: AbortSignal;
}

/** Follows a run's events into a history, and waits for chain time. Several tasks of one process may wait at once. */
export class RunFollower {
  readonly history: RunHistory;
  readonly #options: RunFollowerOptions;
  readonly #time: ChainTime;
  readonly #finders = new Map<number, BlockFinder>();
  readonly #rewound: RewindListener[] = [];
  #head: BlockHeader | undefined;
  #syncing: Look | undefined;
  /** When the last look ended, in milliseconds of the clock. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #rewinds = 0;
  /** The lowest fork that this follower went back to. */
  #lowestFork: ForkPoint | undefined;
  #keeper: ChainKeeper | undefined;
  #unkept: { events: readonly ChainEvent[]; rewoundTo: bigint | undefined; head: bigint } = {
    events: [],
    rewoundTo: undefined,
    head: -1n,
  };

  constructor(options: RunFollowerOptions) {
    this.#options = options;
    this.history = new RunHistory(options.contracts.clock);
    this.history.apply(options.read ?? []);
    this.#time = new ChainTime(options.contracts.publicClient, options.clock);
  }

  /** Timestamp of the last block whose events are in the history; 0 before the first look. */
  get syncedTime(): BlockTime {
    return this.#head?.timestamp ?? 0;
  }

  /** How many reorganisations took back something that was read. */
  get rewinds(): number {
    return this.#rewinds;
  }

  /**
   * Calls `listener` at each reorganisation, after the history was rewound and before what replaces it is applied; at once
   * where there was one already.
   */
  onRewind(listener: RewindListener): void {
    this.#rewound.push(listener);
    if (this.#lowestFork !== undefined) listener(this.#lowestFork);
  }

  /**
   * Keeps what was read from now on, and all that was read so far. Not before everything that must know of a
   * reorganisation listens: what is kept counts as known to all.
   */
  keep(keeper: ChainKeeper): void {
    this.#keeper = keeper;
    this.#save();
  }

  /** Round and phase by chain time as it should be now; undefined before genesis. */
  now(): { round: Round; phase: Phase; time: number } | undefined {
    const { clock } = this.#options.contracts;
    const time = this.#time.now();
    if (time < clock.genesis) return undefined;
    return { round: roundAt(clock, time), phase: phaseAt(clock, time), time };
  }

  /** Applies every event up to the latest block. Concurrent calls share one look; who gives up does so for itself alone. */
  async sync(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#syncing ??= this.#look(signal);
      const look = this.#syncing;
      try {
        await look.done;
        return;
      } catch (error) {
        signal.throwIfAborted();
        // Whoever began the look gave it up: the next turn begins another.
        if (!look.signal.aborted) throw error;
      }
    }
  }

  /** Returns once the history holds everything up to a block with timestamp ≥ `time`. Outlasts RPC failures. */
  async untilTime(time: BlockTime, signal: AbortSignal): Promise<void> {
    await this.until(() => false, time, signal);
  }

  /** Looks at the chain once; a failure that may pass is left to the next look. */
  async look(signal: AbortSignal): Promise<void> {
    await this.#outlast(() => this.sync(signal), signal);
  }

  /**
   * Follows the chain until `reached`, which gives true, or past `time`, which gives false. Outlasts RPC failures. Looks at
   * once, and then as often as `pollMs` says, together with whoever else waits.
   */
  async until(reached: () => boolean, time: BlockTime, signal: AbortSignal): Promise<boolean> {
    const { clock, pollMs = defaultPollMs } = this.#options;
    for (let rest = 0; !reached(); rest = this.#lookedAt + pollMs - clock.now()) {
      if (this.syncedTime >= time) return false;
      if (rest > 0) await clock.sleep(rest, signal);
      else await this.look(signal);
    }
    return true;
  }

  /** First block with timestamp ≥ `time` and that many blocks on top. Outlasts RPC failures. */
  async firstBlockAt(time: BlockTime, confirmations: number, signal: AbortSignal): Promise<BlockHeader> {
    const { contracts, clock, pollMs = defaultPollMs } = this.#options;
    const finder = this.#finders.get(confirmations) ?? new BlockFinder(contracts.publicClient, confirmations);
    this.#finders.set(confirmations, finder);
    for (;;) {
      const block = await this.#outlast(() => finder.firstBlockAt(time, signal), signal);
      if (block !== undefined) return block;
      await clock.sleep(pollMs, signal);
    }
  }

  /** What `look` gives; undefined, with a warning, for a failure that may pass. */
  async #outlast<Result>(look: () => Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
    signal.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof WeftError && error.retryable)) throw error;
      this.#options.log.warn("the chain does not answer", { error });
      return undefined;
    }
  }

  #look(signal: AbortSignal): Look {
    const done = this.#poll(signal).finally(() => {
      this.#syncing = undefined;
      this.#lookedAt = this.#options.clock.now();
    });
    return { done, signal };
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { events, head, rewound } = await this.#options.events.poll(signal);
    if (rewound !== undefined) this.#rewind(rewound);
    this.history.apply(events);
    this.#head = head;
    this.#time.observe(head);
    const unkept = this.#unkept;
    this.#unkept = { ...unkept, events: events.length === 0 ? unkept.events : [...unkept.events, ...events] };
    const isNews = events.length > 0 || rewound !== undefined;
    if (isNews || head.number >= unkept.head + keepEveryBlocks) this.#save();
  }

  #rewind(fork: ForkPoint): void {
    this.#options.log.warn("the chain was reorganised", { fork: fork.number, head: this.#head?.number });
    this.history.rewind(fork.number);
    this.#time.forget();
    this.#finders.clear();
    this.#rewinds += 1;
    if (this.#lowestFork === undefined || fork.number < this.#lowestFork.number) this.#lowestFork = fork;
    const { events, rewoundTo, head } = this.#unkept;
    this.#unkept = {
      events: events.filter(({ blockNumber }) => blockNumber <= fork.number),
      rewoundTo: rewoundTo === undefined || fork.number < rewoundTo ? fork.number : rewoundTo,
      head,
    };
    for (const listener of this.#rewound) listener(fork);
  }

  #save(): void {
    if (this.#keeper === undefined || this.#head === undefined) return;
    const { events, rewoundTo } = this.#unkept;
    this.#keeper.save({ events, seen: this.#options.events.seen ?? [] }, rewoundTo);
    this.#unkept = { events: [], rewoundTo: undefined, head: this.#head.number };
  }
}
