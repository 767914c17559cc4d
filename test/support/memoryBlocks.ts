import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import type { CID } from "multiformats/cid";
import { bytesToHex } from "viem";
import { type BlockSource, type VerifiedSource, verifyBlock } from "../../workers/storage/blocks.ts";
import { refFor } from "../../workers/storage/contentRef.ts";
import { cidOfBlock } from "../../workers/storage/dag.ts";
import { ContentMissingError } from "../../workers/storage/errors.ts";
import { readVerified } from "../../workers/storage/reader.ts";

/** Blocks by CID in memory, counting what is asked for and handed over. */
export class MemoryBlocks {
  readonly map = new Map<string, Uint8Array>();
  asked = 0;
  bytes = 0;

  put(codec: number, bytes: Uint8Array): CID {
    const cid = cidOfBlock(codec, bytes);
    this.map.set(cid.toString(), bytes);
    return cid;
  }

  /** A file node, whether or not its sizes and links make sense. */
  node(sizes: readonly (number | bigint)[], links: readonly CID[], data?: Uint8Array): CID {
    return this.put(dagPb.code, nodeBytes(sizes, links, data));
  }

  readonly source: VerifiedSource = async (cid) => {
    this.asked++;
    const bytes = this.map.get(cid.toString());
    if (bytes === undefined) throw new ContentMissingError("CONTENT_MISSING", `no ${cid}`);
    this.bytes += bytes.length;
    return verifyBlock(cid, bytes);
  };

  /** Reads what the chain would name by the digest of `root` and `size`. */
  read(root: CID, size: number, maxBytes: number): Promise<Uint8Array> {
    const ref = refFor(bytesToHex(root.multihash.digest), size);
    return readVerified(ref, this.source, { maxBytes, signal: new AbortController().signal });
  }
}

/** A source as the reader takes it. */
export function verifying(source: BlockSource): VerifiedSource {
  return async (cid, options) => verifyBlock(cid, await source(cid, options));
}

/** Encodes a file node as the profile does, up to the `Tsize` of its links. */
export function nodeBytes(
  sizes: readonly (number | bigint)[],
  links: readonly CID[],
  data?: Uint8Array,
): Uint8Array {
  const file = new UnixFS({ type: "file", data, blockSizes: sizes.map(BigInt) });
  return dagPb.encode({ Data: file.marshal(), Links: links.map((Hash) => ({ Name: "", Tsize: 1, Hash })) });
}
