import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  attestStart,
  epochAt,
  epochOf,
  epochStart,
  firstRoundOf,
  packClock,
  phaseAt,
  phaseEnd,
  revealStart,
  roundAt,
  roundClock,
  roundEnd,
  roundStart,
  roundWithinEpoch,
  unpackClock,
} from "../../../workers/protocol/clock.ts";

const clock = roundClock({ genesis: 1000, period: 20, commitSeconds: 12, revealSeconds: 16, tempo: 3 });

test("phaseEnd, both sides of each bound", () => {
  const times = [1040, 1051, 1052, 1055, 1056, 1059];
  assert.deepEqual(
    times.map((time) => phaseEnd(clock, time)),
    [1052, 1052, 1056, 1056, 1060, 1060],
  );
});

test("phaseAt, both sides of each bound", () => {
  const times = [1000, 1011, 1012, 1015, 1016, 1019, 1020];
  const phases = ["commit", "commit", "reveal", "reveal", "attest", "attest", "commit"];
  assert.deepEqual(
    times.map((time) => phaseAt(clock, time)),
    phases,
  );
  assert.deepEqual([revealStart(clock, 0), attestStart(clock, 0), roundEnd(clock, 0)], [1012, 1016, 1020]);
});

test("roundAt, before genesis, BEFORE_GENESIS with the times", () => {
  assert.throws(() => roundAt(clock, 999), { code: "BEFORE_GENESIS", data: { time: 999, genesis: 1000 } });
  assert.throws(() => phaseAt(clock, 999), { code: "BEFORE_GENESIS" });
  assert.equal(roundAt(clock, 1000), 0);
});

test("epochAt, before genesis 0, then by tempo", () => {
  assert.deepEqual(
    [0, 999, 1000, 1059, 1060].map((time) => epochAt(clock, time)),
    [0, 0, 0, 0, 1],
  );
  assert.equal(epochStart(clock, 1), 1060);
  assert.equal(firstRoundOf(clock, 4), 12);
  assert.deepEqual(
    [11, 12, 13].map((round) => roundWithinEpoch(clock, round)),
    [2, 0, 1],
  );
});

test("roundAt, any time, its round spans it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 2 ** 40 }), (time) => {
      const round = roundAt(clock, time);
      assert.ok(roundStart(clock, round) <= time && time < roundEnd(clock, round));
      assert.equal(epochAt(clock, time), epochOf(clock, round));
    }),
    { seed: 41, numRuns: 100 },
  );
});

test("unpackClock, any packed clock, the same again", () => {
  const phases = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { minLength: 3, maxLength: 3 });
  const genesis = fc.integer({ min: 1, max: 2 ** 52 });
  fc.assert(
    fc.property(genesis, phases, fc.integer({ min: 3, max: 65_535 }), (start, offsets, tempo) => {
      const [commitSeconds, revealSeconds, period] = offsets.sort((a, b) => a - b);
      const packed = { genesis: start, period, commitSeconds, revealSeconds, tempo };
      assert.deepEqual(unpackClock(packClock(packed)), packed);
    }),
    { seed: 43, numRuns: 100 },
  );
});

test("roundClock, phases out of order or tempo below 3, CLOCK_INVALID", () => {
  const bad = [
    { ...clock, genesis: 0 },
    { ...clock, commitSeconds: 0 },
    { ...clock, commitSeconds: 16 },
    { ...clock, revealSeconds: 20 },
    { ...clock, tempo: 2 },
    { ...clock, period: 20.5 },
  ];
  for (const [index, value] of bad.entries()) {
    assert.throws(() => roundClock(value), { code: "CLOCK_INVALID" }, `case ${index}`);
  }
});
