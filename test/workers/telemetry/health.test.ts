import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthWatch } from "../../../workers/telemetry/health.ts";

const seconds = { train: 0, encode: 0, store: 0, transaction: 0, fetch: 0, decode: 0, idle: 0 };
const done = (round: number) =>
  ({ type: "round", round, trainLoss: undefined, updateBytes: 1, seconds }) as const;
const lost = (round: number) => ({ type: "roundLost", round, code: "RPC_FAILED" }) as const;
const codes = (
  watch: HealthWatch,
  roundNow: number | undefined,
  secondsSinceBlock: number | undefined = 1,
) => {
  const { status, problems } = watch.health({ roundNow, secondsSinceBlock });
  return [status, ...problems.map(({ code }) => code)];
};

test("health, before the first round is done: starting, however long it takes", () => {
  const watch = new HealthWatch({ period: 60 });
  assert.deepEqual(codes(watch, undefined, undefined), ["starting"]);
  assert.deepEqual(codes(watch, 500), ["starting"]);
});

test("health, rounds are done: ok up to three rounds later, behind after", () => {
  const watch = new HealthWatch({ period: 60 });
  watch.record(done(4));
  assert.deepEqual(codes(watch, 7), ["ok"]);
  assert.deepEqual(codes(watch, 8), ["failing", "BEHIND"]);
  watch.record({ type: "heldOutLoss", round: 8, loss: 1 });
  assert.deepEqual(codes(watch, 8), ["ok"]);
  assert.equal(watch.health({ roundNow: 8, secondsSinceBlock: 1 }).lastRound, 8);
});

test("health, the third loss in a row: failing until a round succeeds", () => {
  const watch = new HealthWatch({ period: 60 });
  for (const round of [1, 2]) watch.record(lost(round));
  assert.deepEqual(codes(watch, 2), ["ok"]);
  watch.record(lost(3));
  assert.deepEqual(codes(watch, 3), ["failing", "ROUNDS_LOST"]);
  watch.record(done(4));
  assert.deepEqual(codes(watch, 4), ["ok"]);
});

test("health, no new block: failing after two periods, but at least one minute and at most ten", () => {
  for (const [period, most] of [
    [4, 60],
    [60, 120],
    [1800, 600],
  ]) {
    const watch = new HealthWatch({ period });
    assert.deepEqual(codes(watch, 1, most), ["starting"], `${period}`);
    assert.deepEqual(codes(watch, 1, most + 1), ["failing", "CHAIN_SILENT"], `${period}`);
  }
});
