import { FatalError } from "./errors.ts";

/**
 * Siblings from the leaf at `index` up to the root of such a tree; a node that moves up has none.
 * @throws FatalError `MERKLE_INDEX` for an index beyond the leaves.
 */
export function merkleProof<Node>(
  leaves: readonly Node[],
  index: number,
  join: (left: Node, right: Node) => Node,
): Node[] {
  if (!(index in leaves)) throw new FatalError("MERKLE_INDEX", `There is no leaf ${index}.`);
  const proof: Node[] = [];
  for (let level = leaves, at = index; level.length > 1; level = above(level, join), at >>= 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) proof.push(sibling);
  }
  return proof;
}

/**
 * Root of a binary tree in which an odd node moves up unchanged (DESIGN §7). One leaf is its own root.
 * @throws FatalError `MERKLE_EMPTY` without leaves.
 */
export function merkleRoot<Node>(leaves: readonly Node[], join: (left: Node, right: Node) => Node): Node {
  if (leaves.length === 0) throw new FatalError("MERKLE_EMPTY", "A tree needs at least one leaf.");
  let level = leaves;
  while (level.length > 1) level = above(level, join);
  return level[0];
}

function above<Node>(level: readonly Node[], join: (left: Node, right: Node) => Node): Node[] {
  const nodes: Node[] = [];
  for (let i = 0; i + 1 < level.length; i += 2) nodes.push(join(level[i], level[i + 1]));
  if (level.length % 2 === 1) nodes.push(level[level.length - 1]);
  return nodes;
}
