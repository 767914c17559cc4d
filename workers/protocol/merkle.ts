import { FatalError } from "./errors.ts";

/**
 * Root of a binary tree in which an odd node moves up unchanged (DESIGN §7). One leaf is its own root.
 * @throws FatalError `MERKLE_EMPTY` without leaves.
 */
export function merkleRoot<Node>(leaves: readonly Node[], join: (left: Node, right: Node) => Node): Node {
  if (leaves.length === 0) throw new FatalError("MERKLE_EMPTY", "A tree needs at least one leaf.");
  let level = leaves;
  while (level.length > 1) {
    const above: Node[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(join(level[i], level[i + 1]));
    if (level.length % 2 === 1) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}
