import type { Clock } from "./clock.ts";

/**
 * What `work` gives, if it does within `ms`; its signal aborts then with what `late` makes.
 * @throws the signal's reason, what `work` throws, or what `late` makes
 */
export async function within<Result>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ended = new AbortController();
  const bounded = AbortSignal.any([signal, ended.signal]);
  const alarm = clock.sleep(ms, bounded).then(
    () => ended.abort(late()),
    () => undefined,
  );
  try {
    return await work(bounded);
  } finally {
    ended.abort();
    await alarm;
  }
}
