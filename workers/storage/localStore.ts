import * as raw from "multiformats/codecs/raw";
import { allOrStop } from "../runtime/allOrStop.ts";
import type { VerifiedSource } from "./blocks.ts";
import { FileBlockstore } from "./blockstore.ts";
import { refFromCid } from "./contentRef.ts";
import type { ContentOptions, ContentRef, ContentStore, GetOptions } from "./contentStore.ts";
import { type Block, buildDag } from "./dag.ts";
import { ContentError, ContentMissingError } from "./errors.ts";
import { readVerified } from "./reader.ts";
import { cachedIn } from "./sources.ts";

/** Blocks written at the same time: a disk syncs several in about the time of one. */
const parallelWrites = 4;

/** Content in a folder that all participants on one machine share. Nothing in it is trusted: reads verify. */
export class LocalStore implements ContentStore {
  private readonly blocks: FileBlockstore;
  private readonly own: VerifiedSource;
  private readonly everywhere: VerifiedSource;

  private constructor(blocks: FileBlockstore, elsewhere: VerifiedSource | undefined) {
    this.blocks = blocks;
    this.own = (cid, { signal }) => blocks.get(cid, { signal });
    this.everywhere = elsewhere === undefined ? this.own : cachedIn(blocks, elsewhere);
  }

  /**
   * Opens the store in `directory`, which is created, and removes what killed writers left in it.
   * @param elsewhere asked for blocks that the folder lacks, which are then kept in it
   * @throws StoreError STORE_UNWRITABLE, STORE_FULL
   */
  static async open(directory: string, elsewhere?: VerifiedSource): Promise<LocalStore> {
    const blocks = new FileBlockstore(directory);
    await blocks.sweep();
    return new LocalStore(blocks, elsewhere);
  }

  /** Leaves are written side by side, and nodes after them, so that a root that is there has its whole tree. */
  async put(bytes: Uint8Array, { signal }: ContentOptions): Promise<ContentRef> {
    const { root, blocks } = buildDag(bytes);
    const leaves = blocks.filter(({ cid }) => cid.code === raw.code);
    const write = async (queue: Iterator<Block>, either: AbortSignal): Promise<void> => {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        either.throwIfAborted();
        await this.blocks.put(next.value.cid, next.value.bytes);
      }
    };
    const queue = leaves.values();
    const writers = Array.from({ length: parallelWrites }, () => queue);
    await allOrStop(writers, signal, write);
    await write(blocks.slice(leaves.length).values(), signal);
    return refFromCid(root.toString(), bytes.length);
  }

  get(ref: ContentRef, options: GetOptions): Promise<Uint8Array> {
    return readVerified(ref, this.everywhere, options);
  }

  async has(ref: ContentRef, { signal }: ContentOptions): Promise<boolean> {
    try {
      await readVerified(ref, this.own, { maxBytes: ref.size, signal });
      return true;
    } catch (error) {
      if (error instanceof ContentError || error instanceof ContentMissingError) return false;
      throw error;
    }
  }
}
