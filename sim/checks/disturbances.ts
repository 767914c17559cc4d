import type { SimulatedWorker } from "../nodes/simulatedWorker.ts";
import type { Plan, Window } from "../plan.ts";

/** What kept a node from its duties, as far as it is not the node's own fault. Seconds since genesis. */
export class Disturbances {
  readonly #plan: Plan;
  readonly #chain: readonly Window[];
  readonly #genesis: number;

  /** @param chain when the chain was replaced or stood still */
  constructor(plan: Plan, chain: readonly Window[], genesis: number) {
    this.#plan = plan;
    this.#chain = chain;
    this.#genesis = genesis;
  }

  /** Whether nothing happened to a node in a window, or to the network as it sees it. */
  isUndisturbed(worker: SimulatedWorker, window: Window): boolean {
    const { name } = worker;
    // A gateway that fails is no excuse: others have the same content.
    const windows = [...this.#chain, ...this.#plan.rpc.filter(({ node }) => node === name)];
    return this.#wasOn(worker, window) && !windows.some((other) => overlap(other, window));
  }

  #wasOn({ off, startedAt }: SimulatedWorker, window: Window): boolean {
    if (startedAt === undefined || startedAt - this.#genesis > window.from) return false;
    return !off.some(({ from, until }) =>
      overlap({ from: from - this.#genesis, until: until - this.#genesis }, window),
    );
  }
}

function overlap(a: Window, b: Window): boolean {
  return a.from < b.until && b.from < a.until;
}
