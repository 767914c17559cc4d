import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { leastStanding, nextStanding, penaltyReasons } from "../../../workers/evaluation/penalties.ts";

const standing = fc.double({ min: 0, max: 1, noNaN: true });
const reasons = fc.uniqueArray(fc.constantFrom(...penaltyReasons));

test("nextStanding, any reason: never more than before, never below 0", () => {
  fc.assert(
    fc.property(standing, reasons, fc.boolean(), (before, given, evaluated) => {
      const after = nextStanding(before, given, evaluated);
      assert.ok(after >= 0 && after <= 1);
      if (given.length > 0) assert.ok(after <= before);
      else assert.ok(after >= before);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("nextStanding, a further reason or a worse start: never better off", () => {
  fc.assert(
    fc.property(standing, standing, reasons, fc.constantFrom(...penaltyReasons), (a, b, given, extra) => {
      assert.ok(nextStanding(Math.min(a, b), given, true) <= nextStanding(Math.max(a, b), given, true));
      const more = given.includes(extra) ? given : [...given, extra];
      assert.ok(nextStanding(a, more, true) <= nextStanding(a, given, true));
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("nextStanding, no evaluation: waiting changes nothing", () => {
  assert.equal(nextStanding(0.3, [], false), 0.3);
});

test("nextStanding, after a copy: three clean evaluations until there is a score again", () => {
  const path = [nextStanding(1, ["copy"], false)];
  for (let clean = 0; clean < 3; clean++) path.push(nextStanding(path[clean], [], true));
  assert.deepEqual(
    path.map((value) => value >= leastStanding),
    [false, false, false, true],
  );
});
