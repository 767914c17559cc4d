import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { checkCid, maxBlockBytes, type VerifiedSource } from "./blocks.ts";
import { refFor } from "./contentRef.ts";
import type { ContentRef, GetOptions } from "./contentStore.ts";
import { chunkBytes, isRootOf, maxChildren } from "./dag.ts";
import { ContentError } from "./errors.ts";
import { type Child, decodeNode, linkBytes, sizeMismatch } from "./fileNode.ts";

/** Inner nodes on a path from the root to a leaf. Four levels of 1024 children hold more than any content here. */
const maxDepth = 4;
/** Blocks of one content in flight at the same time: what a read takes in memory beside the content itself. */
export const parallelBlocks = 8;

/** A subtree to read: `size` content bytes from `offset` on. */
interface Piece extends Child {
  readonly offset: number;
  /** Inner nodes above. */
  readonly depth: number;
}

/**
 * The content of `ref`, whoever it comes from: every block was hashed when it arrived, as its type says; size, depth, links,
 * blocks and bytes are bounded by what `ref.size` bytes need; and the bytes must import to the same CID again.
 * Up to `parallelBlocks` blocks are in flight at once, those in front first; the first that fails ends the read.
 * @throws ContentError, ContentMissingError, or what the source or the signal throws
 */
export async function readVerified(
  ref: ContentRef,
  source: VerifiedSource,
  options: GetOptions,
): Promise<Uint8Array> {
  const { cid } = refFor(ref.digest, ref.size);
  if (cid !== ref.cid)
    throw new ContentError("BAD_REFERENCE", "CID, digest and size of this reference disagree", {
      data: { cid: ref.cid, canonical: cid },
    });
  if (ref.size > options.maxBytes)
    throw new ContentError(
      "CONTENT_TOO_LARGE",
      `${ref.size} bytes are more than the ${options.maxBytes} taken here`,
      {
        data: { cid, size: ref.size, maxBytes: options.maxBytes },
      },
    );
  // Pending loads stop as soon as one block is bad, and nothing of them goes on after this has ended.
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const read = new Read(CID.parse(cid), ref.size, source, signal);
  try {
    return await read.content();
  } finally {
    stop.abort();
    await read.ended();
  }
}

/** One read, with what is left of its budget. */
class Read {
  private blocksLeft: number;
  private bytesLeft: number;
  private bytes = new Uint8Array(0);
  private readonly leaves: Piece[] = [];
  private readonly flights = new Set<Promise<void>>();

  private readonly root: CID;
  private readonly size: number;
  private readonly source: VerifiedSource;
  private readonly signal: AbortSignal;

  constructor(root: CID, size: number, source: VerifiedSource, signal: AbortSignal) {
    this.root = root;
    this.size = size;
    this.source = source;
    this.signal = signal;
    const leaves = Math.max(1, Math.ceil(size / chunkBytes));
    // A level of inner nodes is at most a thousandth of the one below, plus one.
    this.blocksLeft = leaves + Math.ceil(leaves / (maxChildren - 1)) + maxDepth;
    this.bytesLeft = size + linkBytes * (this.blocksLeft + 1);
  }

  async content(): Promise<Uint8Array> {
    await this.readAll({ cid: this.root, size: this.size, offset: 0, depth: 0 });
    this.leaves.sort((a, b) => a.offset - b.offset);
    if (!isRootOf(this.root, this.leaves))
      throw new ContentError("NOT_CANONICAL", `The bytes of ${this.root} import to another CID`, {
        data: { cid: this.root.toString() },
      });
    return this.bytes;
  }

  /** Resolves when nothing is in flight any more. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.flights);
  }

  private async readAll(root: Piece): Promise<void> {
    /** The foremost piece last. */
    const waiting = [root];
    const { flights } = this;
    while (waiting.length > 0 || flights.size > 0) {
      while (flights.size < parallelBlocks) {
        const piece = waiting.pop();
        if (piece === undefined) break;
        const flight: Promise<void> = this.read(piece).then((children) => {
          flights.delete(flight);
          waiting.push(...children.reverse());
        });
        flights.add(flight);
      }
      await Promise.race(flights);
    }
  }

  /** Loads the block on top of a piece. A leaf's bytes go to their place; of a node the children remain to be read. */
  private async read(piece: Piece): Promise<Piece[]> {
    const { cid, size, offset, depth } = piece;
    const block = await this.load(cid);
    if (cid.code === raw.code) {
      if (block.length !== size) throw sizeMismatch(cid, size, block.length);
      this.place(block, offset);
      this.leaves.push(piece);
      return [];
    }
    if (depth >= maxDepth)
      throw new ContentError("TOO_DEEP", `More than ${maxDepth} levels`, {
        data: { cid: cid.toString(), maxDepth },
      });
    const children = decodeNode(cid, block, size);
    this.blocksLeft -= children.length;
    if (this.blocksLeft <= 0)
      throw new ContentError("TOO_MANY_BLOCKS", "More blocks than content of this size has");
    let next = offset;
    return children.map((child) => {
      const below = { cid: child.cid, size: child.size, offset: next, depth: depth + 1 };
      next += child.size;
      return below;
    });
  }

  private async load(cid: CID): Promise<Uint8Array> {
    this.signal.throwIfAborted();
    checkCid(cid);
    const block = await this.source(cid, { maxBytes: maxBlockBytes, signal: this.signal });
    this.bytesLeft -= block.length;
    if (this.bytesLeft < 0)
      throw new ContentError("SIZE_MISMATCH", "The blocks hold more bytes than content of this size has");
    return block;
  }

  /** The content is held once: its pages take memory as verified leaves fill them. */
  private place(leaf: Uint8Array, offset: number): void {
    if (leaf.length === this.size) this.bytes = new Uint8Array(leaf);
    else {
      if (this.bytes.length === 0) this.bytes = new Uint8Array(this.size);
      this.bytes.set(leaf, offset);
    }
  }
}
