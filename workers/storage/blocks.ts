import { createHash } from "node:crypto";
import * as dagPb from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { sha256Code } from "./dag.ts";
import { ContentError, ContentMissingError } from "./errors.ts";

/** Largest block accepted from anywhere, bytes. */
export const maxBlockBytes = 2 << 20;

/**
 * Any source of blocks, trusted with nothing: what it hands over is hashed before use.
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

declare const verified: unique symbol;

/** Bytes that hash to the CID they were asked for under. Only `verifyBlock` makes them, so that nothing is read unhashed, or hashed twice. */
export type VerifiedBlock = Uint8Array & { readonly [verified]: true };

/** A source whose blocks are verified already. */
export type VerifiedSource = (...asked: Parameters<BlockSource>) => Promise<VerifiedBlock>;

/**
 * The block that `cid` names, if `bytes` are that.
 * @throws ContentError CID_NOT_ALLOWED, BLOCK_TOO_LARGE; ContentMissingError BLOCK_CORRUPT
 */
export function verifyBlock(cid: CID, bytes: Uint8Array): VerifiedBlock {
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
  return bytes as VerifiedBlock;
}
