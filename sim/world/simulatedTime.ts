import { access } from "node:fs";
import type { Clock } from "../../workers/runtime/clock.ts";

/** Whoever sleeps. What a killed owner waited for is forgotten. */
export type Owner = object;

interface Sleeper {
  /** Milliseconds of simulated time. */
  readonly at: number;
  /** Who lay down first wakes first. */
  readonly order: number;
  readonly owner: Owner;
  readonly wake: () => void;
}

/** How a machine's own clock differs from the simulation's. */
export interface ClockSkew {
  /** Its second is so many simulated ones. */
  readonly rate: number;
  /** Milliseconds that its wall clock is ahead. */
  readonly wallAheadMs: number;
}

/** Turns of the event loop without work under way after which nothing will happen by itself. */
const calmTurns = 2;

/**
 * Time that stands still while anything works, and then jumps to the next moment for which somebody waits. One sleeper is
 * woken at a time, so that the same seed gives the same order of events.
 */
export class SimulatedTime {
  /** Unix milliseconds at the start. */
  readonly startsAt: number;
  #now = 0;
  #orders = 0;
  readonly #sleepers = new Set<Sleeper>();
  /** Of work outside: each hands its result out. */
  readonly #results: Promise<() => void>[] = [];
  #isHandingOut = false;
  #whenHandedOut: (() => void) | undefined;

  constructor(startsAt: number) {
    this.startsAt = startsAt;
  }

  /** Unix seconds, with fraction. */
  get unix(): number {
    return (this.startsAt + this.#now) / 1000;
  }

  /** How many times `owner` sleeps now. */
  sleepersOf(owner: Owner): number {
    return [...this.#sleepers].filter((sleeper) => sleeper.owner === owner).length;
  }

  /** A machine's clock. */
  clockOf(owner: Owner, { rate, wallAheadMs }: ClockSkew = { rate: 1, wallAheadMs: 0 }): Clock {
    return {
      now: () => this.#now / rate,
      wall: () => this.startsAt + this.#now + wallAheadMs,
      sleep: (ms, signal) => this.#sleep(Math.max(0, ms) * rate, owner, signal),
    };
  }

  /**
   * What `work` outside of the event loop gives: the chain's answers, files, other threads. Time stands still until it is
   * there. Results are handed out in the order in which they were asked for, one after another.
   */
  track<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const settled = work.then(
        (result) => () => resolve(result),
        (error: unknown) => () => reject(error),
      );
      this.#results.push(settled);
      if (!this.#isHandingOut) void this.#handOut();
    });
  }

  /** Nobody of `owner` wakes any more. */
  forget(owner: Owner): void {
    for (const sleeper of this.#sleepers) if (sleeper.owner === owner) this.#sleepers.delete(sleeper);
  }

  /** Lets everything happen up to a moment, Unix seconds, or until `signal` aborts. */
  async advanceTo(unix: number, signal: AbortSignal): Promise<void> {
    const target = unix * 1000 - this.startsAt;
    await this.#settle();
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      signal.throwIfAborted();
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
      await this.#settle();
    }
    this.#now = Math.max(this.#now, target);
  }

  #sleep(ms: number, owner: Owner, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = () => {
        if (this.#sleepers.delete(sleeper)) reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      const sleeper = { at: this.#now + ms, order: this.#orders++, owner, wake };
      signal.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  #next(target: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > target) continue;
      if (
        next === undefined ||
        sleeper.at < next.at ||
        (sleeper.at === next.at && sleeper.order < next.order)
      )
        next = sleeper;
    }
    return next;
  }

  /** Returns once nothing happens any more unless time passes. */
  async #settle(): Promise<void> {
    await calm();
    while (this.#isHandingOut)
      await new Promise<void>((resolve) => {
        this.#whenHandedOut = resolve;
      });
  }

  /** While a result is awaited nothing else happens; once it is handed out, all that follows from it does. */
  async #handOut(): Promise<void> {
    this.#isHandingOut = true;
    await calm();
    for (let next = this.#results.shift(); next !== undefined; next = this.#results.shift()) {
      const hand = await next;
      hand();
      await calm();
    }
    this.#isHandingOut = false;
    this.#whenHandedOut?.();
  }
}

/** Returns once nobody in the event loop has anything to do, and no file is read or written. */
async function calm(): Promise<void> {
  for (;;) {
    for (let turns = 0; turns < calmTurns; turns++) await new Promise((resolve) => setImmediate(resolve));
    if (!readsOrWritesFiles()) return;
    // The platform comes to this after what it does now: turns until then would keep a core busy.
    await new Promise<void>((resolve) => access("/", () => resolve()));
  }
}

/** Whether the platform reads or writes files now. */
function readsOrWritesFiles(): boolean {
  return process
    .getActiveResourcesInfo()
    .some((resource) => resource === "CloseReq" || resource.startsWith("FSReq"));
}
