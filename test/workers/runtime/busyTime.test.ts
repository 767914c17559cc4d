import assert from "node:assert/strict";
import { test } from "node:test";
import { BusyTime } from "../../../workers/runtime/busyTime.ts";

test("BusyTime, work that overlaps, a pause and work that fails: the time in which any was under way", async () => {
  let now = 0;
  const busy = new BusyTime({ now: () => now, wall: () => now, sleep: () => Promise.resolve() });
  const ends: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => ends.push(resolve));
  const first = busy.during(work);
  now = 1000;
  const second = busy.during(work);
  now = 3000;
  ends[0]();
  await first;
  assert.equal(busy.takeSeconds(), 0);
  now = 4000;
  ends[1]();
  await second;
  now = 9000;
  await assert.rejects(busy.during(() => Promise.reject(new Error("failed"))));
  assert.equal(busy.takeSeconds(), 4);
  assert.equal(busy.takeSeconds(), 0);
});
