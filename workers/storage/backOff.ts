import type { Clock } from "../runtime/clock.ts";

/** Milliseconds for which a source that failed is asked last: at first, doubled with every failure, and at most. */
const firstMs = 1_000;
const mostMs = 60_000;

interface Failures {
  readonly count: number;
  /** When the last of them was noted. */
  readonly at: number;
}

/**
 * Remembers which sources fail. One that did is asked after the others for a while, longer each time, and never left out:
 * it may be the only one that has a block.
 */
export class BackOff {
  readonly #clock: Pick<Clock, "now">;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** The sources in the order in which to ask: as given, those that back off last, the one that will be done first before. */
  order<Source extends { readonly name: string }>(sources: readonly Source[]): Source[] {
    const now = this.#clock.now();
    const wait = ({ name }: Source) => Math.max(0, this.#until(name) - now);
    return sources.toSorted((a, b) => wait(a) - wait(b));
  }

  /** Notes a failure of a request sent at `askedAt`. Several that were under way at once count as one. */
  failed(name: string, askedAt: number): void {
    const known = this.#failures.get(name);
    if (known !== undefined && askedAt < known.at) return;
    this.#failures.set(name, { count: (known?.count ?? 0) + 1, at: this.#clock.now() });
  }

  /** Notes that a request sent at `askedAt` was served. One sent before the last failure proves nothing. */
  served(name: string, askedAt: number): void {
    const known = this.#failures.get(name);
    if (known !== undefined && askedAt >= known.at) this.#failures.delete(name);
  }

  #until(name: string): number {
    const known = this.#failures.get(name);
    if (known === undefined) return Number.NEGATIVE_INFINITY;
    return known.at + Math.min(mostMs, firstMs * 2 ** (known.count - 1));
  }
}
