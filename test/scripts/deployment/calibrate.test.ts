import assert from "node:assert/strict";
import { test } from "node:test";
import { roundTiming } from "../../../scripts/deployment/calibrate.ts";
import { roundClock } from "../../../workers/protocol/clock.ts";

test("roundTiming, any machine: a valid clock in whole seconds, training with half of it again as margin", () => {
  for (const seconds of [0, 0.2, 3, 7.7, 40]) {
    const timing = roundTiming(seconds);
    assert.doesNotThrow(() => roundClock({ genesis: 1, tempo: 3, ...timing }), `${seconds} s`);
    assert.ok(timing.commitSeconds >= 1.5 * seconds + 3, `${seconds} s`);
    assert.ok(timing.revealSeconds - timing.commitSeconds >= 3);
    assert.ok(timing.period - timing.revealSeconds >= 3);
  }
});

test("roundTiming, a slower machine: no shorter rounds", () => {
  const periods = [1, 2, 4, 8, 16].map((seconds) => roundTiming(seconds).period);
  assert.deepEqual(
    periods,
    periods.toSorted((a, b) => a - b),
  );
});
