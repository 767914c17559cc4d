import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak256, toHex } from "viem";
import type { BlockHeader } from "../../../workers/chain/blocks.ts";
import { maxReorgBlocks, SeenBlocks } from "../../../workers/chain/seenBlocks.ts";

const hash = (number: number) => keccak256(toHex(`${number}`));
const block = (number: number): BlockHeader => ({
  number: BigInt(number),
  timestamp: 1000 + number,
  hash: hash(number),
  parentHash: hash(number - 1),
  mixHash: hash(number),
});

/** Adds a head as `EventSource` does. */
function see(blocks: SeenBlocks, head: number): void {
  const below = blocks.missingBelow(BigInt(head));
  if (below !== undefined) blocks.add(block(Number(below)));
  blocks.add(block(head));
}

test("SeenBlocks, heads in steps of any length, always reaches back as far as a reorganisation may go", () => {
  for (const step of [1, 2, 5, 11, 12, 13, 24, 25, 1000]) {
    const blocks = new SeenBlocks();
    blocks.add(block(0));
    for (let head = step; head < 50 * step; head += step) {
      see(blocks, head);
      const lowest = blocks.withinReach().at(-1)?.number ?? -1n;
      const wanted = BigInt(head) - maxReorgBlocks;
      assert.ok(wanted < 0n || lowest <= wanted, `step ${step}, head ${head}: ${lowest}`);
      assert.equal(blocks.base?.number, 0n);
      assert.ok(blocks.all.length <= 27, `${blocks.all.length} kept`);
    }
  }
});

test("SeenBlocks, rewound, forgets what is above; restored, is the same", () => {
  const blocks = new SeenBlocks();
  blocks.add(block(0));
  for (let head = 1; head < 40; head++) see(blocks, head);
  blocks.rewind(35n);
  assert.equal(blocks.newest?.number, 35n);
  assert.deepEqual(new SeenBlocks(blocks.all).withinReach(), blocks.withinReach());
});
