import * as dagPb from "@ipld/dag-pb";
import { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { bytesToHex, type Hex, hexToBytes } from "viem";
import type { ContentRef } from "./contentStore.ts";
import { buildDag, chunkBytes, cidOfDigest, rootOfParts, sha256Code } from "./dag.ts";
import { ContentError } from "./errors.ts";

/**
 * The reference of content known by the 32-byte digest and the size that stand on chain.
 * The codec follows from the size: content of up to one chunk is a single raw block.
 * @throws ContentError BAD_REFERENCE
 */
export function refFor(rootDigest: Hex, size: number): ContentRef {
  if (!/^0x[0-9a-f]{64}$/i.test(rootDigest) || !Number.isSafeInteger(size) || size < 0)
    throw new ContentError("BAD_REFERENCE", "A content reference needs a 32-byte digest and a size", {
      data: { digest: rootDigest, size },
    });
  const codec = size <= chunkBytes ? raw.code : dagPb.code;
  return { cid: cidOfDigest(codec, hexToBytes(rootDigest)).toString(), digest: lower(rootDigest), size };
}

/**
 * The reference of content known by CID and size, as manifests name it.
 * @throws ContentError BAD_REFERENCE when the CID is not the form that `size` bytes have under the profile
 */
export function refFromCid(cid: string, size: number): ContentRef {
  const ref = refFor(bytesToHex(parseCid(cid).multihash.digest), size);
  if (ref.cid !== cid)
    throw new ContentError("BAD_REFERENCE", "This CID is not the canonical one for its size", {
      data: { cid, size, canonical: ref.cid },
    });
  return ref;
}

/** The reference `bytes` will have in every store. Hashes them; stores nothing. */
export function refOf(bytes: Uint8Array): ContentRef {
  const { root } = buildDag(bytes);
  return { cid: root.toString(), digest: bytesToHex(root.multihash.digest), size: bytes.length };
}

/** The digest that the content of `parts`, one after another, will be known by. */
export function digestOfParts(parts: readonly Uint8Array[]): Hex {
  return bytesToHex(rootOfParts(parts).multihash.digest);
}

/** @throws ContentError BAD_REFERENCE unless `cid` is a CID under a 32-byte sha2-256. */
export function parseCid(cid: string): CID {
  try {
    const parsed = CID.parse(cid);
    if (parsed.multihash.code === sha256Code && parsed.multihash.digest.length === 32) return parsed;
  } catch (cause) {
    throw new ContentError("BAD_REFERENCE", "Not a CID", { data: { cid }, cause });
  }
  throw new ContentError("BAD_REFERENCE", "Only sha2-256 CIDs are read", { data: { cid } });
}

function lower(hex: Hex): Hex {
  return `0x${hex.slice(2).toLowerCase()}`;
}
