import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keccak256, toHex } from "viem";
import { gatherSet } from "../../../workers/protocol/gatherSet.ts";

const beacon = keccak256(toHex("rank"));
const candidate = (uid: number, incentive: bigint) => ({ uid, neuronId: BigInt(uid + 1), incentive });

test("gatherSet, after a settlement, by incentive, without those that have none", () => {
  const candidates = [candidate(0, 5n), candidate(3, 0n), candidate(4, 9n), candidate(9, 7n)];
  assert.deepEqual(gatherSet(candidates, true, beacon, 2), { ranked: [4, 9], uids: [4, 9] });
  assert.deepEqual(gatherSet(candidates, true, beacon, 9), { ranked: [4, 9, 0], uids: [0, 4, 9] });
});

test("gatherSet, before any settlement, the beacon alone ranks", () => {
  const candidates = Array.from({ length: 8 }, (_, uid) => candidate(uid, 0n));
  const one = gatherSet(candidates, false, beacon, 8).ranked;
  const other = gatherSet(candidates, false, keccak256(toHex("another")), 8).ranked;
  assert.deepEqual(
    [...one].sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  assert.notDeepEqual(one, other);
});

test("gatherSet, before the first settlement: as many as told for then, in the same order; afterwards the usual number", () => {
  const candidates = [3, 1, 7, 5].map((uid) => ({ uid, neuronId: BigInt(100 + uid), incentive: 1n }));
  const few = gatherSet(candidates, false, beacon, 2).ranked;
  const more = gatherSet(candidates, false, beacon, 2, 3).ranked;
  assert.equal(more.length, 3);
  assert.deepEqual(more.slice(0, 2), few);
  assert.equal(gatherSet(candidates, true, beacon, 2, 3).ranked.length, 2);
});

test("gatherSet, nobody eligible, empty", () => {
  assert.deepEqual(gatherSet([], true, beacon, 4), { ranked: [], uids: [] });
});

test("gatherSet, any candidates, independent of their order and no left-out one is better", () => {
  const pool = fc
    .uniqueArray(fc.nat(255), { maxLength: 20 })
    .map((uids) => uids.map((uid) => candidate(uid, BigInt(uid % 4))));
  fc.assert(
    fc.property(pool, fc.nat(8), fc.boolean(), (candidates, size, settled) => {
      const set = gatherSet(candidates, settled, beacon, size);
      assert.deepEqual(gatherSet([...candidates].reverse(), settled, beacon, size), set);
      const counted = candidates.filter(({ incentive }) => !settled || incentive > 0n);
      assert.equal(set.uids.length, Math.min(size, counted.length));
      if (!settled || size === 0) return;
      const seated = counted.filter(({ uid }) => set.uids.includes(uid)).map(({ incentive }) => incentive);
      const outside = counted.filter(({ uid }) => !set.uids.includes(uid));
      assert.ok(outside.every(({ incentive }) => seated.every((better) => incentive <= better)));
    }),
    { seed: 29, numRuns: 200 },
  );
});
