import type { Clock } from "../runtime/clock.ts";
import { within } from "../runtime/within.ts";
import type { ContentStore } from "./contentStore.ts";
import { StoreError } from "./errors.ts";

/** Milliseconds every read may take, and the slowest rate beyond, bytes a millisecond: sources together must reach it. */
const leastMs = 120_000;
const bytesPerMs = 64;

/** How long a read of so many bytes may take in all, milliseconds. */
export function readLimitMs(size: number): number {
  return leastMs + Math.ceil(size / bytesPerMs);
}

/**
 * A store whose reads end in time: `STORE_UNAVAILABLE`, retryable, past `readLimitMs` of the content's size. What arrived
 * until then stays in the store's folder, so that the next read goes on there.
 */
export function timedReads(store: ContentStore, clock: Clock): ContentStore {
  return {
    put: (bytes, options) => store.put(bytes, options),
    has: (ref, options) => store.has(ref, options),
    get(ref, options) {
      const ms = readLimitMs(ref.size);
      const late = () =>
        new StoreError("STORE_UNAVAILABLE", `${ref.cid} was not read within ${ms} ms`, {
          data: { cid: ref.cid, size: ref.size, ms, late: true },
        });
      return within(clock, ms, options.signal, late, (signal) => store.get(ref, { ...options, signal }));
    },
  };
}
