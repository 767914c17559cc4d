import * as dagPb from "@ipld/dag-pb";
import { CID } from "multiformats/cid";
import type { FileBlockstore } from "./blockstore.ts";

/** CIDs of the blocks of a content, as far as its inner nodes are in the folder. Trusts them: they were verified when put. */
export function storedBlocks(blocks: FileBlockstore, root: string): CID[] {
  const found = [CID.parse(root)];
  for (let next = 0; next < found.length; next++) {
    const cid = found[next];
    if (cid.code !== dagPb.code) continue;
    for (const child of childrenOf(blocks.readNow(cid))) found.push(child);
  }
  return found;
}

function childrenOf(node: Uint8Array | undefined): CID[] {
  if (node === undefined) return [];
  try {
    return dagPb.decode(node).Links.map(({ Hash }) => Hash);
  } catch {
    return []; // damaged: its leaves are found by nobody, as if it were not there
  }
}
