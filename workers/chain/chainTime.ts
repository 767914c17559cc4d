import type { PublicClient } from "viem";
import { FatalError } from "../protocol/errors.ts";
import type { BlockTime } from "../protocol/quantities.ts";
import type { Clock } from "../runtime/clock.ts";
import { type BlockHeader, readBlock } from "./blocks.ts";

/** Longest sleep between two looks at the chain while waiting, in milliseconds. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Chain time as a worker sees it: the latest block's timestamp plus monotonic time since that block was first seen
 * (DESIGN §3). An estimate that errs to the early side; the contracts alone judge.
 */
export class ChainTime {
  readonly #client: PublicClient;
  readonly #clock: Clock;
  #latest: { readonly number: bigint; readonly timestamp: number; readonly seenAt: number } | undefined;

  constructor(client: PublicClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Takes note of a block, e.g. an event batch's head. Older blocks than the latest seen are ignored. */
  observe(block: BlockHeader): void {
    if (this.#latest !== undefined && block.number <= this.#latest.number) return;
    const { number, timestamp } = block;
    this.#latest = { number, timestamp, seenAt: this.#clock.now() };
  }

  /** Forgets the latest block: a reorganisation replaced it. Whoever calls this observes another one next. */
  forget(): void {
    this.#latest = undefined;
  }

  /** Unix seconds, with fraction. @throws FatalError CHAIN_TIME_UNKNOWN before the first block was observed */
  now(): number {
    if (this.#latest === undefined) {
      throw new FatalError("CHAIN_TIME_UNKNOWN", "no block was seen yet: call refresh first");
    }
    return this.#latest.timestamp + (this.#clock.now() - this.#latest.seenAt) / 1000;
  }

  /** Looks at the latest block; gives `now()`. @throws RetryableError as `rpcError` */
  async refresh(signal: AbortSignal): Promise<number> {
    this.observe(await readBlock(this.#client, "latest", signal));
    return this.now();
  }

  /** Resolves once chain time has reached `time`. @throws the signal's reason; RetryableError as `rpcError` */
  async waitUntil(time: BlockTime, signal: AbortSignal): Promise<void> {
    for (
      let left = time - (await this.refresh(signal));
      left > 0;
      left = time - (await this.refresh(signal))
    ) {
      await this.#clock.sleep(Math.min(left * 1000, LOOK_AGAIN_MS), signal);
    }
  }
}
