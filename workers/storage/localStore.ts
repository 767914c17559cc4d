import type { BlockSource } from "./blocks.ts";
import { FileBlockstore } from "./blockstore.ts";
import { refFromCid } from "./contentRef.ts";
import type { ContentOptions, ContentRef, ContentStore, GetOptions } from "./contentStore.ts";
import { buildDag } from "./dag.ts";
import { ContentError, ContentMissingError } from "./errors.ts";
import { readVerified } from "./reader.ts";
import { cachedIn } from "./sources.ts";

/** Content in a folder that all participants on one machine share. Nothing in it is trusted: reads verify. */
export class LocalStore implements ContentStore {
  private readonly blocks: FileBlockstore;
  private readonly own: BlockSource;
  private readonly everywhere: BlockSource;

  private constructor(blocks: FileBlockstore, elsewhere: BlockSource | undefined) {
    this.blocks = blocks;
    this.own = (cid, { signal }) => blocks.get(cid, { signal });
    this.everywhere = elsewhere === undefined ? this.own : cachedIn(blocks, elsewhere);
  }

  /**
   * Opens the store in `directory`, which is created, and removes what killed writers left in it.
   * @param elsewhere asked for blocks that the folder lacks, which are then kept in it
   * @throws StoreError STORE_UNWRITABLE, STORE_FULL
   */
  static async open(directory: string, elsewhere?: BlockSource): Promise<LocalStore> {
    const blocks = new FileBlockstore(directory);
    await blocks.sweep();
    return new LocalStore(blocks, elsewhere);
  }

  /** Blocks are written children first, so that a root that is there has its whole tree. */
  async put(bytes: Uint8Array, { signal }: ContentOptions): Promise<ContentRef> {
    const dag = buildDag(bytes);
    for (const block of dag.blocks) {
      signal.throwIfAborted();
      await this.blocks.put(block.cid, block.bytes);
    }
    return refFromCid(dag.root.toString(), bytes.length);
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
