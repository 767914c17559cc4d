import * as dagPb from "@ipld/dag-pb";
import { UnixFS, type UnixFSType } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import * as digest from "multiformats/hashes/digest";
import { identity } from "multiformats/hashes/identity";
import type { ContentErrorCode } from "../../workers/storage/errors.ts";
import { parallelBlocks } from "../../workers/storage/reader.ts";
import { patternBytes } from "./contentStoreCompliance.ts";
import { type MemoryBlocks, nodeBytes } from "./memoryBlocks.ts";

/** Bytes that a reader of these DAGs is willing to take. */
export const hostileCap = 64 << 20;

/** Content made to harm whoever reads it. `build` gives its root and the size that stands on chain. */
export interface HostileDag {
  readonly code: ContentErrorCode;
  /** Most blocks that a reader may ask for before it sees through it. */
  readonly asks: number;
  build(blocks: MemoryBlocks): [root: CID, size: number];
}

const kibibyte = 1 << 10;
const mebibyte = 1 << 20;
const two = 2 * mebibyte;
const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** Levels of `fan` links to one and the same child. */
function bomb(blocks: MemoryBlocks, leafBytes: number, fan: number, levels: number): [CID, number] {
  let [root, size] = [blocks.put(raw.code, new Uint8Array(leafBytes)), leafBytes];
  for (let level = 0; level < levels; level++) {
    root = blocks.node(repeat(fan, size), repeat(fan, root));
    size *= fan;
  }
  return [root, size];
}

/** A node of two full leaves whose bytes `change` has changed; the leaves are there. */
function changedNode(change: (node: Uint8Array) => Uint8Array): HostileDag["build"] {
  return (blocks) => {
    const leaf = blocks.put(raw.code, new Uint8Array(mebibyte));
    return [blocks.put(dagPb.code, change(nodeBytes([mebibyte, mebibyte], [leaf, leaf]))), two];
  };
}

/** A node of two full leaves with other UnixFS data. */
function changedData(change: (data: Uint8Array) => Uint8Array): HostileDag["build"] {
  return changedNode((node) => {
    const { Data, Links } = dagPb.decode(node);
    return dagPb.encode({ Data: change(Data ?? new Uint8Array()), Links });
  });
}

/** A node of one link, to a CID that says it holds 2 MiB. */
function linkTo(cid: (blocks: MemoryBlocks) => CID): HostileDag["build"] {
  return (blocks) => [blocks.node([two], [cid(blocks)]), two];
}

function ofType(type: UnixFSType): HostileDag["build"] {
  return (blocks) => {
    const options = type === "hamt-sharded-directory" ? { hashType: 0x22n, fanout: 256n } : {};
    const data = new UnixFS({ type, ...options }).marshal();
    return [blocks.put(dagPb.code, dagPb.encode({ Data: data, Links: [] })), two];
  };
}

const bytes = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

const hash = (length: number, code = 0x12) => digest.create(code, patternBytes(length));

/** Every row ends a read with its code, after at most so many blocks. */
export const hostileDags: Readonly<Record<string, HostileDag>> = {
  "a bomb that declares its 10 TB honestly": {
    code: "CONTENT_TOO_LARGE",
    asks: 0,
    build: (blocks) => bomb(blocks, kibibyte, 100, 5),
  },
  "a bomb of repeated links within the cap": {
    code: "TOO_MANY_BLOCKS",
    asks: 1,
    build: (blocks) => bomb(blocks, 4 * kibibyte, 100, 2),
  },
  "a bomb of links to one child that declares a sum of its own": {
    code: "SIZE_MISMATCH",
    asks: 1 + parallelBlocks,
    build(blocks) {
      const [child] = bomb(blocks, 4 * kibibyte, 100, 2);
      return [blocks.node(repeat(32, mebibyte), repeat(32, child)), 32 * mebibyte];
    },
  },
  "a node that promises 10 GB of a leaf of 1 KiB": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build: (blocks) => [blocks.node([10e9], [blocks.put(raw.code, new Uint8Array(kibibyte))]), two],
  },
  "a node that promises more than its leaf has": {
    code: "SIZE_MISMATCH",
    asks: 2,
    build: linkTo((blocks) => blocks.put(raw.code, new Uint8Array(kibibyte))),
  },
  "a node that promises less than its leaf has": {
    code: "SIZE_MISMATCH",
    asks: 3,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(kibibyte));
      return [blocks.node([1, two], [leaf, leaf]), two + 1];
    },
  },
  "a node that declares less than the chain says": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build: (blocks) => [blocks.node([1], [blocks.put(raw.code, new Uint8Array(1))]), two],
  },
  "block sizes that add up only modulo 2 ** 64": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(1));
      return [blocks.node([2n ** 64n - 1n, two + 1], [leaf, leaf]), two];
    },
  },
  "a chain of thousands of levels": {
    code: "TOO_DEEP",
    asks: 5,
    build(blocks) {
      let root = blocks.put(raw.code, new Uint8Array(kibibyte));
      for (let level = 0; level < 5000; level++) root = blocks.node([two], [root]);
      return [root, two];
    },
  },
  "one level more than allowed": {
    code: "TOO_DEEP",
    asks: 5,
    build(blocks) {
      let root = blocks.put(raw.code, new Uint8Array(two));
      for (let level = 0; level < 5; level++) root = blocks.node([two], [root]);
      return [root, two];
    },
  },
  "one level more than needed": {
    code: "NOT_CANONICAL",
    asks: 4,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(mebibyte));
      return [blocks.node([two], [blocks.node([mebibyte, mebibyte], [leaf, leaf])]), two];
    },
  },
  "children of no bytes": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build(blocks) {
      const empty = blocks.put(raw.code, new Uint8Array(0));
      const level = blocks.node(repeat(1000, 0), repeat(1000, empty));
      return [blocks.node([...repeat(500, 0), two], repeat(501, level)), two];
    },
  },
  "a fan-out of tiny leaves": {
    code: "TOO_MANY_BLOCKS",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(2 * kibibyte));
      return [blocks.node(repeat(1024, 2 * kibibyte), repeat(1024, leaf)), two];
    },
  },
  "more links than a node may have": {
    code: "TOO_MANY_LINKS",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(1024));
      return [blocks.node(repeat(1025, 1024), repeat(1025, leaf)), 1025 * 1024];
    },
  },
  "a root of 2 MiB full of links": {
    code: "BLOCK_TOO_LARGE",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(1));
      return [blocks.node(repeat(44_000, 1), repeat(44_000, leaf)), two];
    },
  },
  "a root of a million links": {
    code: "BLOCK_TOO_LARGE",
    asks: 1,
    build(blocks) {
      const link = nodeBytes([], [blocks.put(raw.code, new Uint8Array(1))]).subarray(0, -4);
      const root = Buffer.alloc(link.length * 1e6, link);
      return [blocks.put(dagPb.code, root), two];
    },
  },
  "a million empty links in 2 MiB": {
    code: "BLOCK_TOO_LARGE",
    asks: 1,
    build: (blocks) => [blocks.put(dagPb.code, Buffer.alloc(two, Buffer.of(0x12, 0))), two],
  },
  "a leaf above the block limit": {
    code: "BLOCK_TOO_LARGE",
    asks: 2,
    build: (blocks) => [blocks.node([two + 1], [blocks.put(raw.code, new Uint8Array(two + 1))]), two + 1],
  },
  "a leaf longer than a chunk": {
    code: "NOT_CANONICAL",
    asks: 2,
    build: (blocks) => [blocks.node([two], [blocks.put(raw.code, new Uint8Array(two))]), two],
  },
  "right bytes in chunks of another size": {
    code: "NOT_CANONICAL",
    asks: 3,
    build(blocks) {
      const half = 700 * kibibyte;
      const leaves = [1, 2].map((fill) => blocks.put(raw.code, new Uint8Array(half).fill(fill)));
      return [blocks.node([half, half], leaves), 2 * half];
    },
  },
  "bytes inside the node": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(mebibyte));
      return [blocks.node([mebibyte], [leaf], new Uint8Array(100)), mebibyte + 100];
    },
  },
  "a leaf that is a node": {
    code: "NOT_UNIXFS",
    asks: 2,
    build: linkTo((blocks) => blocks.node([], [], new Uint8Array(100))),
  },
  "more block sizes than links": {
    code: "NOT_UNIXFS",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(mebibyte));
      return [blocks.node([mebibyte, mebibyte], [leaf]), two];
    },
  },
  "links and no block sizes": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: (blocks) => [blocks.node([], repeat(2, blocks.put(raw.code, new Uint8Array(mebibyte)))), two],
  },
  "an identity CID as leaf": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build: linkTo(() => CID.createV1(raw.code, identity.digest(new Uint8Array(100)))),
  },
  "a CIDv0 as child": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build: linkTo(() => CID.createV0(digest.create(0x12, patternBytes(32)))),
  },
  "a codec that is neither raw nor dag-pb": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build: linkTo(() => CID.createV1(0x71, hash(32))),
  },
  "a hash cut to 20 bytes": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build: linkTo(() => CID.createV1(raw.code, hash(20))),
  },
  "a hash of 64 bytes": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build: linkTo(() => CID.createV1(raw.code, hash(64))),
  },
  "sha1 as hash": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build: linkTo(() => CID.createV1(raw.code, hash(20, 0x11))),
  },
  "one link of another hash behind many good ones": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(mebibyte));
      const links = [...repeat(40, leaf), CID.createV1(raw.code, hash(32, 0x1b))];
      return [blocks.node(repeat(41, mebibyte), links), 41 * mebibyte];
    },
  },
  "a folder": { code: "NOT_UNIXFS", asks: 1, build: ofType("directory") },
  "a sharded folder": { code: "NOT_UNIXFS", asks: 1, build: ofType("hamt-sharded-directory") },
  "a symbolic link": { code: "NOT_UNIXFS", asks: 1, build: ofType("symlink") },
  "bytes that are no node": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: (blocks) => [blocks.put(dagPb.code, patternBytes(300)), two],
  },
  "raw bytes where a node is expected": {
    code: "BLOCK_TOO_LARGE",
    asks: 1,
    build: (blocks) => [blocks.put(dagPb.code, new Uint8Array(two)), two],
  },
  "a node where raw bytes are expected": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build(blocks) {
      const node = nodeBytes([mebibyte], [blocks.put(raw.code, new Uint8Array(mebibyte))]);
      return [blocks.put(raw.code, node), mebibyte];
    },
  },
  "an empty node": { code: "NOT_UNIXFS", asks: 1, build: changedNode(() => new Uint8Array(0)) },
  "a node cut off": { code: "NOT_UNIXFS", asks: 1, build: changedNode((node) => node.subarray(0, -5)) },
  "a node with a zero byte behind it": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: changedNode((node) => bytes(node, [0])),
  },
  "a node with an unknown field behind it": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: changedNode((node) => bytes(node, [0x1a, 0])),
  },
  "a node with two data fields": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: changedNode((node) => bytes(node, [0x0a, 2, 0x08, 2])),
  },
  "a node whose lengths take a byte too many": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedNode((node) => bytes([0x12, node[1] | 0x80, 0], node.subarray(2))),
  },
  "a length that takes more bytes than any number": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: changedNode((node) => bytes([0x12], repeat(20, 0x80), node.subarray(2))),
  },
  "a length beyond the block": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: changedNode((node) => bytes([0x12, ...varint(2 ** 40)], node.subarray(2))),
  },
  "a type that takes a byte too many": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedData((data) => bytes([0x08, 0x82, 0], data.subarray(2))),
  },
  "a type given twice": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedData((data) => bytes([0x08, 1], data)),
  },
  "another file size than its blocks have": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedData(() =>
      bytes([0x08, 2, 0x18, ...varint(7), 0x20, ...varint(mebibyte), 0x20, ...varint(mebibyte)]),
    ),
  },
  "no file size": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedData(() => bytes([0x08, 2, 0x20, ...varint(mebibyte), 0x20, ...varint(mebibyte)])),
  },
  "a file with a time": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedData((data) => bytes(data, [0x42, 2, 0x08, 1])),
  },
  "links that have names": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedNode((node) => {
      const { Data, Links } = dagPb.decode(node);
      return dagPb.encode({ Data, Links: Links.map((link) => ({ ...link, Name: "x" })) });
    }),
  },
  "links without total sizes": {
    code: "NOT_CANONICAL",
    asks: 1,
    build: changedNode((node) => {
      const { Data, Links } = dagPb.decode(node);
      return dagPb.encode({ Data, Links: Links.map(({ Hash }) => ({ Name: "", Hash })) });
    }),
  },
  "links with wrong total sizes": { code: "NOT_CANONICAL", asks: 3, build: changedNode((node) => node) },
};
