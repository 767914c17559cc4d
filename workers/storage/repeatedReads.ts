import type { ContentStore } from "./contentStore.ts";
import { ContentMissingError } from "./errors.ts";

/** A store that asks up to `tries` times for content that could not be had: for verdicts which a lost message must not decide. */
export function repeatedReads(store: ContentStore, tries: number): ContentStore {
  return {
    put: (bytes, options) => store.put(bytes, options),
    has: (ref, options) => store.has(ref, options),
    async get(ref, options) {
      for (let left = tries - 1; ; left--) {
        try {
          return await store.get(ref, options);
        } catch (error) {
          options.signal.throwIfAborted();
          if (left <= 0 || !(error instanceof ContentMissingError)) throw error;
        }
      }
    },
  };
}
