import type { Status } from "../../workers/projector/api.ts";
import { followStatus } from "./events.ts";

/** The projector's status as it comes in, and when what was shown should be read again. */
class Live {
  status = $state.raw<Status | undefined>(undefined);
  connected = $state<boolean | undefined>(undefined);
  /** Milliseconds of the page's clock when the status arrived. */
  seenAt = $state(0);
  /** Of the page's clock, once per second. */
  now = $state(performance.now());
  /** Changes with round, phase, epoch and reports, at most every two seconds. */
  version = $state("");
  /** How often the chain began anew: what was shown before is of another one. */
  resets = $state(0);
  #waiting = "";

  /** Starts to follow; call once. */
  start(signal: AbortSignal): void {
    const seconds = setInterval(() => {
      this.now = performance.now();
    }, 1000);
    const versions = setInterval(() => {
      if (this.#waiting !== this.version) this.version = this.#waiting;
    }, 2000);
    signal.addEventListener("abort", () => {
      clearInterval(seconds);
      clearInterval(versions);
    });
    let following = new AbortController();
    const follow = () => {
      following.abort();
      following = new AbortController();
      if (!document.hidden) this.#follow(AbortSignal.any([signal, following.signal]));
    };
    // A page that nobody sees holds no stream: the projector has few.
    document.addEventListener("visibilitychange", follow, { signal });
    follow();
  }

  #follow(signal: AbortSignal): void {
    followStatus({
      open: () => new EventSource("./api/events"),
      after(milliseconds, work) {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      },
      onStatus: (status) => this.#take(status),
      onConnected: (connected) => {
        this.connected = connected;
      },
      signal,
    });
  }

  #take(status: Status): void {
    if (this.status !== undefined && this.status.chain !== "" && this.status.chain !== status.chain)
      this.resets += 1;
    this.status = status;
    this.seenAt = performance.now();
    this.now = this.seenAt;
    const { chain, round, phase, epoch, reports, state } = status;
    this.#waiting = `${chain} ${round} ${phase} ${epoch} ${reports} ${state === "synced"}`;
    if (this.version === "") this.version = this.#waiting;
  }
}

export const live = new Live();
