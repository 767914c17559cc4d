import { createHash } from "node:crypto";
import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import * as digest from "multiformats/hashes/digest";

/** Leaf size of the UnixFS profile `unixfs-v1-2025`: 1 MiB. */
export const chunkBytes = 1 << 20;
/** Children of an inner node in the same profile. */
export const maxChildren = 1024;
/** Multihash code of sha2-256, the only hash this project reads or writes. */
export const sha256Code = 0x12;

/** What decides the shape of a DAG. Only tests use another than `unixfsV1`. */
export interface DagProfile {
  readonly chunkBytes: number;
  readonly maxChildren: number;
}

/** `unixfs-v1-2025` of IPIP-499. */
export const unixfsV1: DagProfile = { chunkBytes, maxChildren };

export interface Block {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

export interface Dag {
  readonly root: CID;
  /** Children before parents, the root last. Leaves are views into the input, not copies. */
  readonly blocks: readonly Block[];
}

/** A subtree while the tree is built. */
export interface Subtree {
  readonly cid: CID;
  /** Content bytes below. */
  readonly size: number;
  /** Bytes of all blocks below, itself included: the `Tsize` of the link to it. */
  readonly blockBytes: number;
}

/** CIDv1 of a block under sha2-256. `codec` is raw (0x55) or dag-pb (0x70). */
export function cidOfBlock(codec: number, block: Uint8Array): CID {
  return cidOfDigest(codec, createHash("sha256").update(block).digest());
}

/** CIDv1 of the given 32-byte sha2-256 digest. */
export function cidOfDigest(codec: number, hash: Uint8Array): CID {
  return CID.createV1(codec, digest.create(sha256Code, hash));
}

/**
 * The UnixFS file of `bytes` under profile `unixfs-v1-2025`: CIDv1, sha2-256, raw leaves of 1 MiB, balanced with 1024
 * children a node; one chunk or less is a bare raw leaf. Built here so that a CID never depends on a daemon's settings.
 * Source: IPIP-499; the golden CIDs of Kubo stand in `test/workers/storage/dag.test.ts`.
 */
export function buildDag(bytes: Uint8Array, profile: DagProfile = unixfsV1): Dag {
  const leaves: (Block & Subtree)[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += profile.chunkBytes) {
    const leaf = bytes.subarray(start, start + profile.chunkBytes);
    const cid = cidOfBlock(raw.code, leaf);
    leaves.push({ cid, bytes: leaf, size: leaf.length, blockBytes: leaf.length });
  }
  const { root, nodes } = joinLeaves(leaves, profile);
  return { root, blocks: [...leaves.map(({ cid, bytes }) => ({ cid, bytes })), ...nodes] };
}

/** The root of the content that `parts` are one after another, which need not be put together for it. */
export function rootOfParts(parts: readonly Uint8Array[], profile: DagProfile = unixfsV1): CID {
  const leaves: Subtree[] = [];
  let hash = createHash("sha256");
  let filled = 0;
  const close = () => {
    leaves.push({ cid: cidOfDigest(raw.code, hash.digest()), size: filled, blockBytes: filled });
    hash = createHash("sha256");
    filled = 0;
  };
  for (const part of parts) {
    for (let start = 0; start < part.length; ) {
      const piece = part.subarray(start, start + profile.chunkBytes - filled);
      hash.update(piece);
      filled += piece.length;
      start += piece.length;
      if (filled === profile.chunkBytes) close();
    }
  }
  if (filled > 0 || leaves.length === 0) close();
  return joinLeaves(leaves, profile).root;
}

/** Whether content cut into these leaves, in order, has that root under `unixfs-v1-2025`. */
export function isRootOf(
  root: CID,
  leaves: readonly { readonly cid: CID; readonly size: number }[],
): boolean {
  const last = leaves.length - 1;
  const cutRight = leaves.every(({ size }, index) =>
    index < last ? size === chunkBytes : size <= chunkBytes,
  );
  return (
    cutRight && joinLeaves(leaves.map(({ cid, size }) => ({ cid, size, blockBytes: size }))).root.equals(root)
  );
}

/** The inner nodes above leaves, children before parents. */
function joinLeaves(
  leaves: readonly Subtree[],
  profile: DagProfile = unixfsV1,
): { root: CID; nodes: Block[] } {
  const nodes: Block[] = [];
  let level = leaves;
  while (level.length > 1) {
    const parents: Subtree[] = [];
    for (let start = 0; start < level.length; start += profile.maxChildren) {
      const children = level.slice(start, start + profile.maxChildren);
      const block = encodeNode(children);
      nodes.push(block);
      parents.push({
        cid: block.cid,
        size: sum(children.map((child) => child.size)),
        blockBytes: block.bytes.length + sum(children.map((child) => child.blockBytes)),
      });
    }
    level = parents;
  }
  return { root: level[0].cid, nodes };
}

/** The inner node above `children`. */
export function encodeNode(children: readonly Subtree[]): Block {
  const data = new UnixFS({
    type: "file",
    blockSizes: children.map((child) => BigInt(child.size)),
  }).marshal();
  const links = children.map((child) => ({ Name: "", Tsize: child.blockBytes, Hash: child.cid }));
  const bytes = dagPb.encode(dagPb.prepare({ Data: data, Links: links }));
  return { cid: cidOfBlock(dagPb.code, bytes), bytes };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
