import type { Status } from "../../workers/projector/api.ts";

/** The part of `EventSource` that is used. */
export interface EventStream {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface EventOptions {
  /** Opens `GET /api/events`. */
  readonly open: () => EventStream;
  /** Runs `work` after so many milliseconds; the answer cancels it. */
  readonly after: (milliseconds: number, work: () => void) => () => void;
  readonly onStatus: (status: Status) => void;
  /** Whether events arrive; called at changes. */
  readonly onConnected: (connected: boolean) => void;
  readonly signal: AbortSignal;
}

const firstDelay = 1_000;
const longestDelay = 30_000;

/**
 * Follows the projector's status until the signal aborts. A stream that fails, or sends what is no status, is closed and
 * opened again after 1 s, then 2 s … at most 30 s; the first event resets the delay.
 */
export function followStatus({ open, after, onStatus, onConnected, signal }: EventOptions): void {
  let delay = firstDelay;
  let close = () => {};
  let cancel = () => {};
  signal.addEventListener("abort", () => {
    cancel();
    close();
  });
  connect();

  function connect(): void {
    if (signal.aborted) return;
    const stream = open();
    let open_ = true;
    close = () => {
      open_ = false;
      stream.close();
    };
    const lose = () => {
      if (!open_) return;
      close();
      onConnected(false);
      cancel = after(delay, connect);
      delay = Math.min(2 * delay, longestDelay);
    };
    stream.addEventListener("status", ({ data }) => {
      if (!open_) return;
      const status = statusOf(data);
      if (status === undefined) return lose();
      delay = firstDelay;
      onConnected(true);
      onStatus(status);
    });
    stream.addEventListener("error", lose);
  }
}

function statusOf(data: unknown): Status | undefined {
  try {
    const value: unknown = JSON.parse(String(data));
    const isStatus = typeof value === "object" && value !== null && "state" in value && "chain" in value;
    return isStatus ? (value as Status) : undefined;
  } catch {
    return undefined;
  }
}
