import type { Clock } from "./clock.ts";

/** Measures for how long work of a kind is under way, once however many do it at a time. */
export class BusyTime {
  readonly #clock: Clock;
  #underWay = 0;
  #since = 0;
  #ms = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `work` gives or throws. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#underWay++ === 0) this.#since = this.#clock.now();
    try {
      return await work();
    } finally {
      if (--this.#underWay === 0) this.#ms += this.#clock.now() - this.#since;
    }
  }

  /** Seconds since the last call, of what has come to rest. */
  takeSeconds(): number {
    const seconds = this.#ms / 1000;
    this.#ms = 0;
    return seconds;
  }
}
