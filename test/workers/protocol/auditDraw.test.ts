import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keccak256, toHex } from "viem";
import { auditPicks, auditTensors } from "../../../workers/protocol/auditDraw.ts";

const beaconOf = (round: number) => keccak256(toHex(`beacon ${round}`));
const neurons = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1));

test("auditPicks, any rate and quota: some of the revealed, no more than the quota, whatever their order", () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.nat(40),
      rate,
      fc.integer({ min: 1, max: 9 }),
      (round, count, share, perRound) => {
        const revealed = neurons(count);
        const quota = { rate: share, perRound };
        const picks = auditPicks(beaconOf(round), revealed, quota);
        assert.ok(picks.length <= perRound && new Set(picks).size === picks.length);
        assert.ok(picks.every((picked) => revealed.includes(picked)));
        assert.deepEqual(auditPicks(beaconOf(round), revealed.toReversed(), quota), picks);
        const more = auditPicks(beaconOf(round), revealed, { rate: share, perRound: perRound + 1 });
        assert.deepEqual(more.slice(0, perRound), picks, "a larger quota only adds");
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

test("auditPicks, rate 0, 1 and 5 %: none, all, and one in twenty", () => {
  assert.deepEqual(auditPicks(beaconOf(1), neurons(9), { rate: 0, perRound: 9 }), []);
  assert.equal(auditPicks(beaconOf(1), neurons(9), { rate: 1, perRound: 9 }).length, 9);
  let picked = 0;
  for (let round = 0; round < 400; round++)
    picked += auditPicks(beaconOf(round), neurons(20), { rate: 0.05, perRound: 20 }).length;
  // 8,000 draws: 400 ± 19.5.
  assert.ok(Math.abs(picked - 400) < 80, String(picked));
});

test("auditTensors: different ones, ascending, all where there are no more; others for another neuron", () => {
  const chosen = auditTensors(beaconOf(1), 3n, 20, 8);
  assert.equal(new Set(chosen).size, 8);
  assert.deepEqual(
    chosen,
    chosen.toSorted((a, b) => a - b),
  );
  assert.ok(chosen.every((position) => position >= 0 && position < 20));
  assert.deepEqual(auditTensors(beaconOf(1), 3n, 3, 8), [0, 1, 2]);
  assert.notDeepEqual(auditTensors(beaconOf(1), 4n, 20, 8), chosen);
});
