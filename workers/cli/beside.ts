import type { Log } from "../runtime/log.ts";

/** Work that runs beside a service: it ends with it, and never ends it; `ending` is logged where it fails. */
export async function beside(
  work: Promise<void>,
  ending: string,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) log.error(ending, { error });
  }
}
