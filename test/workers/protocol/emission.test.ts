import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type EmissionRules,
  type EmissionSplit,
  emissionPots,
  halvingsAt,
  partOfDown,
  scheduledFor,
} from "../../../workers/protocol/emission.ts";
import { clock } from "./eventScript.ts";

const rules: EmissionRules = { cap: 1_000n, baseRate: 7n, firstPermitEpoch: 1n, endsAt: 2n ** 64n - 1n };
const split = (fromEpoch: number, minerBps: bigint): EmissionSplit => ({
  fromEpoch,
  minerBps,
  validatorBps: 8_200n - minerBps,
  treasuryBps: 1_800n,
});
const epochSeconds = BigInt(clock.tempo * clock.period);

test("halvingsAt, issued on both sides of a half, of three quarters, and all of it", () => {
  const cases = [
    [0n, 0],
    [499n, 0],
    [500n, 1],
    [749n, 1],
    [750n, 2],
    [999n, 9],
    [1_000n, 96],
  ] as const;
  for (const [issued, halvings] of cases) assert.equal(halvingsAt(issued, 1_000n), halvings, `${issued}`);
});

test("emissionPots, an epoch after another: its seconds, parts rounded down", () => {
  const pots = emissionPots(clock, 3, 2, 0n, rules, split(0, 4_100n));
  assert.equal(pots.seconds, epochSeconds);
  assert.equal(pots.pot, 7n * epochSeconds);
  assert.equal(pots.miners, (7n * epochSeconds * 4_100n) / 10_000n);
  assert.equal(emissionPots(clock, 3, 2, 500n, rules, split(0, 4_100n)).rate, 3n);
});

test("emissionPots, epochs skipped: two are paid at most", () => {
  assert.equal(emissionPots(clock, 4, 2, 0n, rules, split(0, 4_100n)).seconds, 2n * epochSeconds);
  assert.equal(emissionPots(clock, 9, 2, 0n, rules, split(0, 4_100n)).seconds, 2n * epochSeconds);
});

test("emissionPots, before the first permit, and at the run's end: only what lies between", () => {
  const seconds = (epoch: number, last: number | undefined, change: Partial<EmissionRules> = {}) =>
    emissionPots(clock, epoch, last, 0n, { ...rules, ...change }, split(0, 4_100n)).seconds;
  assert.equal(seconds(0, undefined), 0n, "nobody could validate");
  assert.equal(seconds(1, undefined), epochSeconds, "from the first permit on");
  assert.equal(seconds(1, 0), epochSeconds);
  const end = BigInt(clock.genesis) + 3n * epochSeconds + 5n;
  assert.equal(seconds(3, 2, { endsAt: end }), 5n);
  assert.equal(seconds(4, 3, { endsAt: end }), 0n);
});

test("scheduledFor, a change in the epoch being settled and in a later one: the one before holds until its epoch", () => {
  const set = [split(0, 4_100n), split(5, 5_000n), split(5, 6_000n)];
  assert.equal(scheduledFor(4, set)?.minerBps, 4_100n);
  assert.equal(scheduledFor(5, set)?.minerBps, 6_000n);
  assert.equal(scheduledFor(5, set.slice(0, 1))?.minerBps, 4_100n);
  assert.equal(scheduledFor(0, []), undefined);
});

test("partOfDown, a share of a pot: rounded down", () => {
  assert.equal(partOfDown(2n ** 31n, 7n), 3n);
  assert.equal(partOfDown(2n ** 32n, 7n), 7n);
});
