import { refOf } from "../../workers/storage/contentRef.ts";
import type { ContentRef, ContentStore } from "../../workers/storage/contentStore.ts";
import { ContentMissingError } from "../../workers/storage/errors.ts";
import type { Draws } from "../random.ts";

/** Content in memory: nothing of a lab's run outlives it. */
export class LabStore implements ContentStore {
  readonly #contents = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array): Promise<ContentRef> {
    const ref = refOf(bytes);
    this.#contents.set(ref.cid, new Uint8Array(bytes));
    return ref;
  }

  async get(ref: ContentRef): Promise<Uint8Array> {
    const bytes = this.#contents.get(ref.cid);
    if (bytes === undefined) throw missing(ref);
    // Of its own, as from any other store: readers hand what they read on to other threads.
    return new Uint8Array(bytes);
  }

  async has({ cid }: ContentRef): Promise<boolean> {
    return this.#contents.has(cid);
  }
}

/** The same content over a network that loses a share of all reads. */
export function lossy(store: ContentStore, share: number, draws: Draws): ContentStore {
  return {
    put: (bytes, options) => store.put(bytes, options),
    get: async (ref, options) => {
      if (draws.uniform() < share) throw missing(ref);
      return store.get(ref, options);
    },
    has: (ref, options) => store.has(ref, options),
  };
}

function missing({ cid }: ContentRef): ContentMissingError {
  return new ContentMissingError("CONTENT_MISSING", `nobody serves ${cid}`, { data: { cid } });
}
