import assert from "node:assert/strict";
import { test } from "node:test";
import { killSchedule } from "../../../scripts/soak/schedule.ts";

const plan = {
  seed: "a",
  names: ["miner-2", "miner-3", "validator-2"],
  from: 20,
  until: 2_000,
  meanGapSeconds: 5,
  mostDownSeconds: 8,
};

test("killSchedule, the same seed: the same kills; another seed: others", () => {
  assert.deepEqual(killSchedule(plan), killSchedule(plan));
  assert.notDeepEqual(killSchedule(plan), killSchedule({ ...plan, seed: "b" }));
});

test("killSchedule, many kills: in order and within the time, everybody is hit, nobody while down", () => {
  const kills = killSchedule(plan);
  assert.ok(kills.length > 200, `${kills.length} kills`);
  const backAt = new Map<string, number>();
  let last = plan.from;
  for (const { at, name, downSeconds } of kills) {
    assert.ok(at >= last && at < plan.until, `at ${at}`);
    assert.ok(downSeconds >= 0 && downSeconds <= plan.mostDownSeconds, `down for ${downSeconds} s`);
    assert.ok(at > (backAt.get(name) ?? 0), `${name} is killed while down, at ${at}`);
    backAt.set(name, at + downSeconds);
    last = at;
  }
  assert.deepEqual([...backAt.keys()].toSorted(), plan.names);
});

test("killSchedule, kills as often as asked: the mean gap is that of the plan", () => {
  const kills = killSchedule({ ...plan, until: 20_000, mostDownSeconds: 0 });
  const gap = (20_000 - plan.from) / kills.length;
  assert.ok(gap > 4.5 && gap < 5.5, `${gap} s`);
});

test("killSchedule, nobody to kill or no time: no kills", () => {
  assert.deepEqual(killSchedule({ ...plan, names: [] }), []);
  assert.deepEqual(killSchedule({ ...plan, until: plan.from }), []);
});
