import { CarWriter } from "@ipld/car";
import { create, type KuboRPCClient } from "ipfs-http-client";
import { CID } from "multiformats/cid";
import type { WeftError } from "../protocol/errors.ts";
import { BackOff } from "./backOff.ts";
import type { BlockSource } from "./blocks.ts";
import type { FileBlockstore } from "./blockstore.ts";
import { refFromCid } from "./contentRef.ts";
import type { ContentOptions, ContentRef, ContentStore, GetOptions } from "./contentStore.ts";
import { buildDag, type Dag } from "./dag.ts";
import { ContentError, ContentMissingError, StoreError } from "./errors.ts";
import { gatewayBlocks, type HttpBlockOptions, kuboBlocks } from "./httpBlocks.ts";
import { readVerified } from "./reader.ts";
import { cachedIn, firstOf, type NamedSource } from "./sources.ts";

export interface KuboStoreOptions extends HttpBlockOptions {
  /** The daemon's RPC API, e.g. http://127.0.0.1:5001. */
  readonly api: URL;
  /** HTTP trustless gateways asked after the daemon, in order. */
  readonly gateways?: readonly URL[];
  /** Verified blocks read from elsewhere are kept here. */
  readonly cache?: FileBlockstore;
}

/** What a daemon keeps from its garbage collection, by root CID. */
export interface Pins {
  pin(cid: string, options: ContentOptions): Promise<void>;
  unpin(cid: string, options: ContentOptions): Promise<void>;
}

/**
 * Content in a Kubo daemon. DAGs are built here and pushed as a CAR, so that a CID never depends on the daemon's settings;
 * blocks are read one by one and verified, since `cat` can end early without an error.
 */
export class KuboStore implements ContentStore, Pins {
  readonly #client: KuboRPCClient;
  readonly #api: URL;
  readonly #own: BlockSource;
  readonly #everywhere: readonly NamedSource[];
  readonly #cache: FileBlockstore | undefined;
  readonly #backOff: BackOff;

  constructor(options: KuboStoreOptions) {
    const { api, gateways = [], cache } = options;
    this.#api = api;
    this.#client = create({ url: new URL(api) }); // a copy: the client puts its path into what it is given
    this.#own = kuboBlocks(api, true, options);
    this.#cache = cache;
    this.#backOff = new BackOff(options.clock);
    this.#everywhere = [
      // First what the daemon holds: asking its peers for a missing block takes as long as one waits.
      { name: "kubo", read: this.#own },
      ...gateways.map((url) => ({ name: url.origin, read: gatewayBlocks(url, options) })),
      { name: "peers", read: kuboBlocks(api, false, options) },
    ];
  }

  /** Imports the content's blocks and pins its root. */
  async put(bytes: Uint8Array, { signal }: ContentOptions): Promise<ContentRef> {
    signal.throwIfAborted();
    const dag = buildDag(bytes);
    let pinned = false;
    try {
      for await (const { root } of this.#client.dag.import(carOf(dag), { pinRoots: true, signal })) {
        const problem = root.pinErrorMsg;
        if (problem !== "" && problem !== undefined) throw this.#unavailable(`cannot pin: ${problem}`);
        pinned ||= root.cid.equals(dag.root);
      }
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof StoreError ? cause : this.#unavailable("cannot import", cause);
    }
    if (!pinned) throw this.#unavailable("ended without pinning the root");
    return refFromCid(dag.root.toString(), bytes.length);
  }

  /** Lets the daemon's garbage collection have the content. Not being pinned is no error. @throws StoreError */
  async unpin(cid: string, { signal }: ContentOptions): Promise<void> {
    try {
      await this.#client.pin.rm(CID.parse(cid), { signal });
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof Error && /not pinned/i.test(cause.message)))
        throw this.#unavailable("cannot unpin", cause);
    }
  }

  /** Pins content that the daemon holds. @throws StoreError */
  async pin(cid: string, { signal }: ContentOptions): Promise<void> {
    try {
      await this.#client.pin.add(CID.parse(cid), { signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw this.#unavailable("cannot pin", cause);
    }
  }

  get(ref: ContentRef, options: GetOptions): Promise<Uint8Array> {
    const damaged: CID[] = [];
    return this.#reading(ref, damaged, () => {
      const anywhere = firstOf(this.#everywhere, this.#backOff, noting(damaged));
      const source = this.#cache === undefined ? anywhere : cachedIn(this.#cache, anywhere);
      return readVerified(ref, source, options);
    });
  }

  /** Whether the daemon itself holds every block intact; peers and gateways are not asked. */
  async has(ref: ContentRef, { signal }: ContentOptions): Promise<boolean> {
    const damaged: CID[] = [];
    const own = firstOf([{ name: "kubo", read: this.#own }], this.#backOff, noting(damaged));
    try {
      await this.#reading(ref, damaged, () => readVerified(ref, own, { maxBytes: ref.size, signal }));
      return true;
    } catch (error) {
      if (error instanceof ContentError || error instanceof ContentMissingError) return false;
      throw error;
    }
  }

  /**
   * Reads, and lets the daemon drop what it has damaged: it would neither fetch nor import such a block again while it
   * believes to have it.
   */
  async #reading(
    ref: ContentRef,
    damaged: readonly CID[],
    read: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    try {
      return await read();
    } finally {
      if (damaged.length > 0) await this.#drop(ref, damaged);
    }
  }

  async #drop(ref: ContentRef, damaged: readonly CID[]): Promise<void> {
    const root = CID.parse(ref.cid);
    // What cannot be unpinned or removed stays as it is: the read has its own verdict already.
    await this.#client.pin.rm(root).catch(() => {});
    for (const cid of damaged) {
      try {
        for await (const { error } of this.#client.block.rm(cid, { force: true })) if (error) break;
      } catch {
        break;
      }
    }
  }

  #unavailable(problem: string, cause?: unknown): StoreError {
    return new StoreError("STORE_UNAVAILABLE", `The IPFS daemon at ${this.#api.origin} ${problem}`, {
      data: { api: this.#api.origin },
      hint: "Is the daemon running, and is IPFS_API its RPC address?",
      cause,
    });
  }
}

function noting(damaged: CID[]): (source: string, reason: WeftError) => void {
  return (source, reason) => {
    if (source === "kubo" && reason.code === "BLOCK_CORRUPT")
      damaged.push(CID.parse(String(reason.data.cid)));
  };
}

/** The DAG as a CAR (version 1), children before parents. Source: https://ipld.io/specs/transport/car/carv1/ */
function carOf({ root, blocks }: Dag): AsyncIterable<Uint8Array> {
  const { writer, out } = CarWriter.create([root]);
  const writing = (async () => {
    for (const block of blocks) await writer.put(block);
    await writer.close();
  })();
  writing.catch(() => {}); // whoever stops reading learns of it by the request's own error
  return out;
}
