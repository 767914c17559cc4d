/** What shutdown needs of the process; `process` itself fits. */
export interface SignalSource {
  on(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): unknown;
}

/** Reason of the abort that a signal causes: a wish of the user, no error. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

export interface Shutdown {
  /** Aborted by the first SIGINT or SIGTERM, or by `stop`; pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Begins the shutdown from inside; the first reason stands. */
  stop(reason: Error): void;
  /** Takes the signal handlers away. */
  dispose(): void;
}

/** Exit code of a process that a second signal ended before it had cleaned up: 128 + SIGINT. */
export const FORCED_EXIT = 130;

/** Turns SIGINT and SIGTERM into an AbortSignal; a second one ends the process at once. */
export function installShutdown(source: SignalSource = process): Shutdown {
  const controller = new AbortController();
  const receive = (name: "SIGINT" | "SIGTERM") => {
    if (controller.signal.aborted) source.exit(FORCED_EXIT);
    else controller.abort(new Interrupted(name));
  };
  const onInt = () => receive("SIGINT");
  const onTerm = () => receive("SIGTERM");
  source.on("SIGINT", onInt);
  source.on("SIGTERM", onTerm);
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    dispose() {
      source.off("SIGINT", onInt);
      source.off("SIGTERM", onTerm);
    },
  };
}
