import type { Clock } from "../../workers/runtime/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when told to. `sleepers` counts who waits. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #epoch: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(wallAtStart = 1_800_000_000_000) {
    this.#epoch = wallAtStart;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      };
      const sleeper = {
        at: this.#now + Math.max(0, ms),
        wake: () => {
          signal.removeEventListener("abort", stop);
          resolve();
        },
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Moves on by `ms`, waking sleepers in the order of their time; what they do next has run when it resolves. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    for (let next = this.#earliest(target); next !== undefined; next = this.#earliest(target)) {
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#now = target;
  }

  #earliest(target: number): Sleeper | undefined {
    const due = [...this.#sleepers].filter((sleeper) => sleeper.at <= target);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets what is ready to run do so: promises and I/O callbacks that are due. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
