import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import type { CID } from "multiformats/cid";
import { checkCid } from "./blocks.ts";
import { encodeNode, maxChildren } from "./dag.ts";
import { ContentError } from "./errors.ts";

/** Bytes an inner node may spend on one link, with room: 36 for the CID, sizes, framing. */
export const linkBytes = 128;
/** Largest inner node that is decoded: decoding takes time and memory by the link. */
const maxNodeBytes = linkBytes * (maxChildren + 1);

/** A child of an inner node. */
export interface Child {
  readonly cid: CID;
  /** Content bytes below, as declared. */
  readonly size: number;
}

/**
 * Children of the inner node in `block`, which must hold exactly `size` bytes and be encoded as this project does, byte
 * by byte: no second reading of it is possible.
 * @throws ContentError
 */
export function decodeNode(cid: CID, block: Uint8Array, size: number): Child[] {
  if (block.length > maxNodeBytes)
    throw new ContentError(
      "BLOCK_TOO_LARGE",
      `No node of ${maxChildren} links takes more than ${maxNodeBytes} bytes`,
      {
        data: { cid: cid.toString(), size: block.length, maxBytes: maxNodeBytes },
      },
    );
  const { links, file } = decodeFile(cid, block);
  if (links.length > maxChildren)
    throw new ContentError("TOO_MANY_LINKS", `More than ${maxChildren} links in one node`, {
      data: { cid: cid.toString(), links: links.length },
    });
  const sizes = file.blockSizes.map(Number);
  if (links.length !== sizes.length || sizes.length === 0)
    throw new ContentError("NOT_UNIXFS", "Links and block sizes of a node disagree", {
      data: { cid: cid.toString(), links: links.length, blockSizes: sizes.length },
    });
  const declared = sizes.reduce((total, each) => total + each, 0);
  if (file.data?.length || sizes.some((each) => each <= 0) || declared !== size)
    throw sizeMismatch(cid, size, declared);
  const children = links.map(({ Hash, Tsize }, index) => ({
    cid: Hash,
    size: sizes[index],
    blockBytes: Tsize ?? 0,
  }));
  for (const child of children) checkCid(child.cid);
  if (Buffer.compare(encodeNode(children).bytes, block) !== 0)
    throw new ContentError("NOT_CANONICAL", `Node ${cid} is encoded in another way than the profile's`, {
      data: { cid: cid.toString() },
    });
  return children;
}

/** What two sizes that should be equal are. */
export function sizeMismatch(cid: CID, expected: number, actual: number): ContentError {
  return new ContentError("SIZE_MISMATCH", `${cid} should hold ${expected} bytes and holds ${actual}`, {
    data: { cid: cid.toString(), expected, actual },
  });
}

function decodeFile(cid: CID, block: Uint8Array): { links: readonly dagPb.PBLink[]; file: UnixFS } {
  try {
    const node = dagPb.decode(block);
    if (node.Data !== undefined) {
      const file = UnixFS.unmarshal(node.Data);
      if (file.type === "file") return { links: node.Links, file };
    }
  } catch (cause) {
    throw new ContentError("NOT_UNIXFS", `Block ${cid} does not decode`, {
      data: { cid: cid.toString() },
      cause,
    });
  }
  throw new ContentError("NOT_UNIXFS", `Block ${cid} is no file`, { data: { cid: cid.toString() } });
}
