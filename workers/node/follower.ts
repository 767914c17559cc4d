import { BlockFinder, type BlockHeader } from "../chain/blocks.ts";
import { ChainTime } from "../chain/chainTime.ts";
import type { EventSource } from "../chain/eventSource.ts";
import type { RunContracts } from "../chain/run.ts";
import { type Phase, phaseAt, roundAt } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { BlockTime, Round } from "../protocol/quantities.ts";
import { RunHistory } from "../protocol/runHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";

export interface RunFollowerOptions {
  readonly contracts: RunContracts;
  readonly events: Pick<EventSource, "poll">;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs?: number;
}

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
  #head: BlockHeader | undefined;
  #syncing: Look | undefined;

  constructor(options: RunFollowerOptions) {
    this.#options = options;
    this.history = new RunHistory(options.contracts.clock);
    this.#time = new ChainTime(options.contracts.publicClient, options.clock);
  }

  /** Timestamp of the last block whose events are in the history; 0 before the first look. */
  get syncedTime(): BlockTime {
    return this.#head?.timestamp ?? 0;
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
    const { clock, pollMs = defaultPollMs } = this.#options;
    while (this.syncedTime < time) {
      await this.#outlast(() => this.sync(signal), signal);
      if (this.syncedTime < time) await clock.sleep(pollMs, signal);
    }
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
    });
    return { done, signal };
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { events, head } = await this.#options.events.poll(signal);
    this.history.apply(events);
    this.#head = head;
    this.#time.observe(head);
  }
}
