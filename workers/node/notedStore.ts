import { CID } from "multiformats/cid";
import type { ContentIndex } from "../database/contentIndex.ts";
import { WeftError } from "../protocol/errors.ts";
import type { Round } from "../protocol/quantities.ts";
import type { FileBlockstore } from "../storage/blockstore.ts";
import { refOf } from "../storage/contentRef.ts";
import type { ContentOptions, ContentRef, ContentStore, GetOptions } from "../storage/contentStore.ts";
import { StoreError } from "../storage/errors.ts";
import type { OpenedStore } from "../storage/openStore.ts";

type NotedIndex = Pick<ContentIndex, "note" | "has" | "newestRound">;

/**
 * A store that notes in an index what a worker stores and fetches, and when it was used last, so that it can be removed
 * later. Content that others put into the folder is left out: it is theirs to remove.
 */
export class NotedStore implements ContentStore {
  /** The round that uses are noted under. */
  round: Round;
  readonly #store: ContentStore;
  readonly #blocks: FileBlockstore;
  readonly #fetches: boolean;
  readonly #index: NotedIndex;

  constructor({ store, blocks, fetches }: Omit<OpenedStore, "pins">, index: NotedIndex) {
    this.#store = store;
    this.#blocks = blocks;
    this.#fetches = fetches;
    this.#index = index;
    this.round = index.newestRound();
  }

  /** Notes it first: what stands in the index with the current round is not removed under a writer's hands. */
  async put(bytes: Uint8Array, options: ContentOptions): Promise<ContentRef> {
    options.signal.throwIfAborted();
    const { cid, size } = refOf(bytes);
    this.#note(() => this.#index.note({ cid, size, round: this.round, own: true }));
    return this.#store.put(bytes, options);
  }

  async get(ref: ContentRef, options: GetOptions): Promise<Uint8Array> {
    const { cid, size } = ref;
    const fetched = this.#fetches && size <= options.maxBytes && !this.#blocks.holdsNow(CID.parse(cid));
    this.#note(() => {
      if (fetched || this.#index.has(cid)) this.#index.note({ cid, size, round: this.round, own: false });
    });
    return this.#store.get(ref, options);
  }

  has(ref: ContentRef, options: ContentOptions): Promise<boolean> {
    return this.#store.has(ref, options);
  }

  /** A sweep of another process may hold the index for longer than one waits for it: that passes. */
  #note(note: () => void): void {
    try {
      note();
    } catch (cause) {
      if (!(cause instanceof WeftError) || cause.code !== "DATABASE_LOCKED") throw cause;
      throw new StoreError("STORE_UNAVAILABLE", "another process holds the content index", { cause });
    }
  }
}
