import { createHash } from "node:crypto";
import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { refFor, refOf } from "./contentRef.ts";
import type { ContentRef, GetOptions } from "./contentStore.ts";
import { chunkBytes, maxChildren, sha256Code } from "./dag.ts";
import { ContentError, ContentMissingError } from "./errors.ts";

/** Largest block accepted from anywhere, bytes. */
export const maxBlockBytes = 2 << 20;
/** Inner nodes on a path from the root to a leaf. Four levels of 1024 children hold more than any content here. */
const maxDepth = 4;
/** Blocks asked for at the same time, per level. */
const concurrency = 4;
/** Bytes an inner node may spend on one link, with room: 36 for the CID, sizes, framing. */
const linkBytes = 128;

/**
 * Any source of blocks, trusted with nothing: the reader hashes what it hands over.
 * It must not return more than `maxBytes`, and rejects with ContentMissingError when it has no such block.
 */
export type BlockSource = (
  cid: CID,
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
) => Promise<Uint8Array>;

/** @throws ContentError CID_NOT_ALLOWED unless raw or dag-pb, version 1, under a 32-byte sha2-256. */
export function checkCid(cid: CID): void {
  const known = cid.code === raw.code || cid.code === dagPb.code;
  const { code, digest } = cid.multihash;
  if (!known || cid.version !== 1 || code !== sha256Code || digest.length !== 32)
    throw new ContentError("CID_NOT_ALLOWED", `Only CIDv1 raw or dag-pb under sha2-256 is read, not ${cid}`, {
      data: { cid: cid.toString(), codec: cid.code, hash: code },
    });
}

/** @throws ContentError BLOCK_TOO_LARGE, ContentMissingError BLOCK_CORRUPT unless `bytes` are the block `cid` names. */
export function verifyBlock(cid: CID, bytes: Uint8Array): void {
  checkCid(cid);
  // First of all: wrong bytes of any length say nothing about the content.
  if (!createHash("sha256").update(bytes).digest().equals(cid.multihash.digest))
    throw new ContentMissingError("BLOCK_CORRUPT", `What was served as ${cid} does not hash to it`, {
      data: { cid: cid.toString(), size: bytes.length },
    });
  if (bytes.length > maxBlockBytes)
    throw new ContentError("BLOCK_TOO_LARGE", `Block ${cid} is larger than ${maxBlockBytes} bytes`, {
      data: { cid: cid.toString(), size: bytes.length, maxBytes: maxBlockBytes },
    });
}

/**
 * The content of `ref`, read from a source nobody vouches for. Every block is hashed before use; size, depth, links,
 * blocks and bytes are bounded by what `ref.size` bytes need; and the bytes must import to the same CID again.
 * @throws ContentError, ContentMissingError, or what the source or the signal throws
 */
export async function readVerified(
  ref: ContentRef,
  source: BlockSource,
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
  // Pending loads of siblings stop as soon as one block is bad.
  const stop = new AbortController();
  try {
    const read = new Read(ref, source, AbortSignal.any([options.signal, stop.signal]));
    const bytes = await read.file(CID.parse(cid), ref.size);
    if (refOf(bytes).cid !== cid)
      throw new ContentError("NOT_CANONICAL", `The bytes of ${cid} import to another CID`, { data: { cid } });
    return bytes;
  } finally {
    stop.abort();
  }
}

/** One read, with what is left of its budget. */
class Read {
  private blocksLeft: number;
  private bytesLeft: number;
  private readonly leaves: Uint8Array[] = [];

  private readonly source: BlockSource;
  private readonly signal: AbortSignal;

  constructor(ref: ContentRef, source: BlockSource, signal: AbortSignal) {
    this.source = source;
    this.signal = signal;
    const leaves = Math.max(1, Math.ceil(ref.size / chunkBytes));
    // A level of inner nodes is at most a thousandth of the one below, plus one.
    this.blocksLeft = leaves + Math.ceil(leaves / (maxChildren - 1)) + maxDepth;
    this.bytesLeft = ref.size + linkBytes * (this.blocksLeft + 1);
  }

  async file(root: CID, size: number): Promise<Uint8Array> {
    await this.walk(root, await this.load(root), size, 0);
    return concatenate(this.leaves, size);
  }

  private async load(cid: CID): Promise<Uint8Array> {
    this.signal.throwIfAborted();
    checkCid(cid);
    if (--this.blocksLeft < 0)
      throw new ContentError("TOO_MANY_BLOCKS", "More blocks than content of this size has");
    const block = await this.source(cid, { maxBytes: maxBlockBytes, signal: this.signal });
    verifyBlock(cid, block);
    this.bytesLeft -= block.length;
    if (this.bytesLeft < 0)
      throw new ContentError("SIZE_MISMATCH", "The blocks hold more bytes than content of this size has");
    return block;
  }

  /** Appends the `size` bytes below `cid`, whose verified block is given. */
  private async walk(cid: CID, block: Uint8Array, size: number, depth: number): Promise<void> {
    if (cid.code === raw.code) return this.append(cid, block, size);
    const children = decodeNode(cid, block, size, depth);
    const loads: Promise<Uint8Array>[] = [];
    for (let next = 0; next < children.length; next++) {
      while (loads.length < children.length && loads.length < next + concurrency) {
        const load = this.load(children[loads.length].cid);
        load.catch(() => {}); // awaited below, unless an earlier sibling fails first
        loads.push(load);
      }
      await this.walk(children[next].cid, await loads[next], children[next].size, depth + 1);
    }
  }

  private append(cid: CID, leaf: Uint8Array, size: number): void {
    if (leaf.length !== size) throw sizeMismatch(cid, size, leaf.length);
    this.leaves.push(leaf);
  }
}

/** The only allocation of the whole size, made when that many verified bytes are already there. */
function concatenate(leaves: readonly Uint8Array[], size: number): Uint8Array {
  const content = new Uint8Array(size);
  let filled = 0;
  for (const leaf of leaves) {
    content.set(leaf, filled);
    filled += leaf.length;
  }
  return content;
}

/** Links and declared sizes of an inner node that must hold exactly `size` bytes. */
function decodeNode(cid: CID, block: Uint8Array, size: number, depth: number): { cid: CID; size: number }[] {
  if (depth >= maxDepth)
    throw new ContentError("TOO_DEEP", `More than ${maxDepth} levels`, {
      data: { cid: cid.toString(), maxDepth },
    });
  const { node, file } = decodeFile(cid, block);
  if (node.Links.length > maxChildren)
    throw new ContentError("TOO_MANY_LINKS", `More than ${maxChildren} links in one node`, {
      data: { cid: cid.toString(), links: node.Links.length },
    });
  const sizes = file.blockSizes.map(Number);
  if (node.Links.length !== sizes.length || sizes.length === 0)
    throw new ContentError("NOT_UNIXFS", "Links and block sizes of a node disagree", {
      data: { cid: cid.toString() },
    });
  const declared = sizes.reduce((total, each) => total + each, 0);
  if (file.data?.length || sizes.some((each) => each <= 0) || declared !== size)
    throw sizeMismatch(cid, size, declared);
  return node.Links.map((link, index) => ({ cid: link.Hash, size: sizes[index] }));
}

function decodeFile(cid: CID, block: Uint8Array): { node: dagPb.PBNode; file: UnixFS } {
  try {
    const node = dagPb.decode(block);
    if (node.Data !== undefined) {
      const file = UnixFS.unmarshal(node.Data);
      if (file.type === "file") return { node, file };
    }
  } catch (cause) {
    throw new ContentError("NOT_UNIXFS", `Block ${cid} does not decode`, {
      data: { cid: cid.toString() },
      cause,
    });
  }
  throw new ContentError("NOT_UNIXFS", `Block ${cid} is no file`, { data: { cid: cid.toString() } });
}

function sizeMismatch(cid: CID, expected: number, actual: number): ContentError {
  return new ContentError("SIZE_MISMATCH", `${cid} should hold ${expected} bytes and holds ${actual}`, {
    data: { cid: cid.toString(), expected, actual },
  });
}
