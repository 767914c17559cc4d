import assert from "node:assert/strict";
import { it } from "node:test";
import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { identity } from "multiformats/hashes/identity";
import { bytesToHex } from "viem";
import { refFor, refOf } from "../../../workers/storage/contentRef.ts";
import { buildDag, cidOfBlock } from "../../../workers/storage/dag.ts";
import { ContentError, ContentMissingError } from "../../../workers/storage/errors.ts";
import { type BlockSource, readVerified } from "../../../workers/storage/reader.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";

const signal = new AbortController().signal;
const kibibyte = 1 << 10;
const mebibyte = 1 << 20;

/** Blocks by CID, counting what is asked for. */
class Blocks {
  readonly map = new Map<string, Uint8Array>();
  asked = 0;

  put(codec: number, bytes: Uint8Array): CID {
    const cid = cidOfBlock(codec, bytes);
    this.map.set(cid.toString(), bytes);
    return cid;
  }

  node(sizes: readonly number[], links: readonly CID[], data?: Uint8Array): CID {
    const file = new UnixFS({ type: "file", data, blockSizes: sizes.map(BigInt) });
    const node = { Data: file.marshal(), Links: links.map((Hash) => ({ Name: "", Tsize: 1, Hash })) };
    return this.put(dagPb.code, dagPb.encode(node));
  }

  readonly source: BlockSource = async (cid) => {
    this.asked++;
    const bytes = this.map.get(cid.toString());
    if (bytes === undefined) throw new ContentMissingError("CONTENT_MISSING", `no ${cid}`);
    return bytes;
  };

  read(root: CID, size: number, maxBytes = 2 ** 40): Promise<Uint8Array> {
    return readVerified(refFor(bytesToHex(root.multihash.digest), size), this.source, { maxBytes, signal });
  }
}

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** Each case builds a DAG and says which size is claimed for it on chain. */
const hostile: Record<string, { code: string; asks: number; build: (blocks: Blocks) => [CID, number] }> = {
  "a bomb that declares its 10 TB honestly": {
    code: "CONTENT_TOO_LARGE",
    asks: 0,
    build(blocks) {
      let [root, size] = [blocks.put(raw.code, new Uint8Array(kibibyte)), kibibyte];
      for (let level = 0; level < 5; level++) {
        root = blocks.node(repeat(100, size), repeat(100, root));
        size *= 100;
      }
      return [root, size];
    },
  },
  "a fan-out of tiny leaves": {
    code: "TOO_MANY_BLOCKS",
    asks: 20,
    build(blocks) {
      const leaf = blocks.put(raw.code, new Uint8Array(2 * kibibyte));
      return [blocks.node(repeat(1000, 2 * kibibyte), repeat(1000, leaf)), 2000 * kibibyte];
    },
  },
  "a node that promises more than its leaf has": {
    code: "SIZE_MISMATCH",
    asks: 2,
    build(blocks) {
      return [blocks.node([2 * mebibyte], [blocks.put(raw.code, new Uint8Array(kibibyte))]), 2 * mebibyte];
    },
  },
  "a node that declares less than the chain says": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build(blocks) {
      return [blocks.node([1], [blocks.put(raw.code, new Uint8Array(1))]), 2 * mebibyte];
    },
  },
  "a chain of thousands of levels": {
    code: "TOO_DEEP",
    asks: 5,
    build(blocks) {
      let root = blocks.put(raw.code, new Uint8Array(kibibyte));
      for (let level = 0; level < 3000; level++) root = blocks.node([2 * mebibyte], [root]);
      return [root, 2 * mebibyte];
    },
  },
  "children of no bytes": {
    code: "SIZE_MISMATCH",
    asks: 1,
    build(blocks) {
      const empty = blocks.put(raw.code, new Uint8Array(0));
      return [blocks.node([...repeat(500, 0), 2 * mebibyte], repeat(501, empty)), 2 * mebibyte];
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
  "an identity CID as leaf": {
    code: "CID_NOT_ALLOWED",
    asks: 1,
    build(blocks) {
      const leaf = CID.createV1(raw.code, identity.digest(new Uint8Array(100)));
      return [blocks.node([2 * mebibyte], [leaf]), 2 * mebibyte];
    },
  },
  "a leaf above the block limit": {
    code: "BLOCK_TOO_LARGE",
    asks: 2,
    build(blocks) {
      const size = 2 * mebibyte + 1;
      return [blocks.node([size], [blocks.put(raw.code, new Uint8Array(size))]), size];
    },
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
  "a folder": {
    code: "NOT_UNIXFS",
    asks: 1,
    build(blocks) {
      const data = new UnixFS({ type: "directory" }).marshal();
      return [blocks.put(dagPb.code, dagPb.encode({ Data: data, Links: [] })), 2 * mebibyte];
    },
  },
  "bytes that are no node": {
    code: "NOT_UNIXFS",
    asks: 1,
    build: (blocks) => [blocks.put(dagPb.code, patternBytes(300)), 2 * mebibyte],
  },
};

for (const [name, { code, asks, build }] of Object.entries(hostile))
  it(`readVerified, ${name}, is ${code} and stops early`, async () => {
    const blocks = new Blocks();
    const [root, size] = build(blocks);
    await assert.rejects(
      blocks.read(root, size, 2 ** 32),
      (error) => error instanceof ContentError && error.code === code && !error.retryable,
    );
    assert.ok(blocks.asked <= asks, `asked for ${blocks.asked} blocks`);
  });

it("readVerified, one block replaced by a liar, is BLOCK_CORRUPT and retryable", async () => {
  const blocks = new Blocks();
  const bytes = patternBytes(5 * mebibyte);
  const dag = buildDag(bytes);
  for (const block of dag.blocks) blocks.map.set(block.cid.toString(), block.bytes);
  for (const block of dag.blocks) {
    blocks.map.set(block.cid.toString(), patternBytes(block.bytes.length + 1).subarray(1));
    await assert.rejects(
      blocks.read(dag.root, bytes.length),
      (error) => error instanceof ContentMissingError && error.code === "BLOCK_CORRUPT" && error.retryable,
      block.cid.toString(),
    );
    blocks.map.set(block.cid.toString(), block.bytes);
  }
  assert.deepEqual(Buffer.from(await blocks.read(dag.root, bytes.length)), Buffer.from(bytes));
});

it("readVerified, aborted while the source hangs, rejects with the reason", async () => {
  const controller = new AbortController();
  const hanging: BlockSource = (_cid, options) =>
    new Promise((_resolve, reject) => {
      options.signal.addEventListener("abort", () => reject(options.signal.reason));
    });
  const reading = readVerified(refOf(patternBytes(10)), hanging, { maxBytes: 10, signal: controller.signal });
  const reason = new Error("stop");
  controller.abort(reason);
  await assert.rejects(reading, (error) => error === reason);
});
