import type { Clock } from "../../workers/runtime/clock.ts";

/** Time that passes only by sleeping: who waits for something waits no time. */
export class VirtualClock implements Clock {
  #now = 0;

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#now += Math.max(0, ms);
    await this.slept();
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }

  /** What happens while time passes: nothing. */
  protected slept(): unknown {
    return undefined;
  }
}

/** A clock that stands still: nothing that is waited for comes too late. */
export const timeless: Clock = {
  now: () => 0,
  wall: () => 0,
  sleep: (_ms, signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};
