/** Time of the machine. Everything outside `runtime/` receives one of these and asks nobody else. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary moment; never goes back. For durations. */
  now(): number;
  /** Unix milliseconds. For people and log lines; no protocol rule may depend on it. */
  wall(): number;
  /** Resolves after `ms` milliseconds (at once when not positive); rejects with `signal.reason` when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep,
};

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener("abort", stop);
        resolve();
      },
      Math.max(0, ms),
    );
    signal.addEventListener("abort", stop, { once: true });
  });
}
