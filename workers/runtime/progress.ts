import type { Clock } from "./clock.ts";

/** Told how far long work is; the line is made only if it is said. */
export type Progress = (line: () => string) => void;

/** Says how far long work is at most once in `everyMs`, for the first time after as long: short work says nothing. */
export function sparingProgress(say: (line: string) => void, clock: Clock, everyMs = 2_000): Progress {
  let saidAt = clock.now();
  return (line) => {
    if (clock.now() - saidAt < everyMs) return;
    saidAt = clock.now();
    say(line());
  };
}
