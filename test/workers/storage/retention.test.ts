import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { chooseRemovals, type HeldContent } from "../../../workers/storage/retention.ts";

const held = (cid: string, round: number, needed = false, size = 10): HeldContent => ({
  cid,
  size,
  round,
  needed,
});
const cids = (contents: readonly HeldContent[]): string => contents.map(({ cid }) => cid).join("");

it("chooseRemovals, by age alone, removes what was not used for longer than allowed and is not needed", () => {
  const contents = [held("a", 0), held("b", 5), held("c", 6), held("d", 0, true), held("e", 16)];
  const rules = { round: 16, keepRounds: 10, quotaBytes: undefined, usedBytes: 50 };
  const { removed, overBytes } = chooseRemovals(contents, rules);
  assert.equal(cids(removed), "ab");
  assert.equal(overBytes, 0);
});

it("chooseRemovals, above the quota, removes the oldest unneeded until it is met", () => {
  const contents = [held("c", 3), held("b", 1, true), held("z", 2), held("a", 2), held("d", 4)];
  const rules = { round: 4, keepRounds: 10, usedBytes: 50 };
  const removedAt = (quotaBytes: number) => chooseRemovals(contents, { ...rules, quotaBytes });
  assert.equal(cids(removedAt(50).removed), "");
  assert.equal(cids(removedAt(49).removed), "a");
  assert.equal(cids(removedAt(40).removed), "a");
  assert.equal(cids(removedAt(20).removed), "azc");
  assert.deepEqual(removedAt(5).overBytes, 5);
  assert.equal(cids(removedAt(5).removed), "azcd");
});

it("chooseRemovals, any contents: the needed stay, the quota is met where it can be, nothing goes without a reason", () => {
  const content = fc.record({
    cid: fc.string({ minLength: 1, maxLength: 4 }),
    size: fc.integer({ min: 0, max: 1000 }),
    round: fc.integer({ min: 0, max: 50 }),
    needed: fc.boolean(),
  });
  const contents = fc.uniqueArray(content, { selector: ({ cid }) => cid, maxLength: 40 });
  const quota = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined });
  fc.assert(
    fc.property(
      contents,
      quota,
      fc.nat(50),
      fc.nat(60),
      fc.nat(2000),
      (all, quotaBytes, round, keepRounds, other) => {
        const sum = (some: readonly HeldContent[]) => some.reduce((bytes, { size }) => bytes + size, 0);
        const usedBytes = sum(all) + other;
        const { removed, overBytes } = chooseRemovals(all, { round, keepRounds, quotaBytes, usedBytes });
        const staying = all.filter((each) => !removed.includes(each));
        assert.ok(removed.every(({ needed }) => !needed));
        for (const each of staying) assert.ok(each.needed || round - each.round <= keepRounds, each.cid);
        const left = sum(staying) + other;
        const most = quotaBytes ?? Number.POSITIVE_INFINITY;
        assert.equal(overBytes, Math.max(0, left - most));
        if (overBytes > 0) assert.ok(staying.every(({ needed }) => needed));
        // Without the last one removed the quota, or the age, would be exceeded.
        const last = removed.at(-1);
        if (last !== undefined) assert.ok(round - last.round > keepRounds || left + last.size > most);
        for (const gone of removed)
          for (const each of staying) assert.ok(each.needed || each.round >= gone.round, "the oldest first");
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});
