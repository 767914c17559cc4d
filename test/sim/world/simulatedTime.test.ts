import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { SimulatedTime } from "../../../sim/world/simulatedTime.ts";

const { signal } = new AbortController();

test("advanceTo, sleepers of many moments: woken in the order of their time, then of lying down, one at a time", async () => {
  const time = new SimulatedTime(1_000_000);
  const woken: string[] = [];
  const sleep = async (name: string, ms: number) => {
    const clock = time.clockOf({});
    await clock.sleep(ms, signal);
    woken.push(`${name} ${clock.now()}`);
    // What follows takes real time: nobody else may wake meanwhile.
    await readFile(import.meta.filename);
    woken.push(`${name} done`);
  };
  void sleep("b", 2_000);
  void sleep("c", 2_000);
  void sleep("a", 1_000);
  void sleep("late", 9_000);
  await time.advanceTo(1_005, signal);
  assert.deepEqual(woken, ["a 1000", "a done", "b 2000", "b done", "c 2000", "c done"]);
  assert.equal(time.unix, 1_005);
});

test("advanceTo, work outside of the event loop: time stands still until it is done", async () => {
  const time = new SimulatedTime(0);
  const clock = time.clockOf({});
  const ended: number[] = [];
  const work = async () => {
    await clock.sleep(1_000, signal);
    await time.track(new Promise((resolve) => setTimeout(resolve, 30)));
    ended.push(clock.now());
  };
  void work();
  await time.advanceTo(60, signal);
  assert.deepEqual(ended, [1_000]);
});

test("forget, an owner: it never wakes, others do; who is aborted ends with the reason", async () => {
  const time = new SimulatedTime(0);
  const killed = {};
  const woken: string[] = [];
  const stop = new AbortController();
  const sleep = (name: string, owner: object, aborted: AbortSignal) =>
    time
      .clockOf(owner)
      .sleep(1_000, aborted)
      .then(
        () => woken.push(name),
        (reason: Error) => woken.push(reason.message),
      );
  void sleep("killed", killed, signal);
  void sleep("alive", {}, signal);
  void sleep("stopped", {}, stop.signal);
  assert.equal(time.sleepersOf(killed), 1);
  time.forget(killed);
  stop.abort(new Error("stopped"));
  await time.advanceTo(5, signal);
  assert.deepEqual(woken, ["stopped", "alive"]);
  assert.equal(time.sleepersOf(killed), 0);
});

test("clockOf, a skewed clock: its seconds and its wall are its own", async () => {
  const time = new SimulatedTime(1_000_000);
  const clock = time.clockOf({}, { rate: 2, wallAheadMs: 60_000 });
  const at: number[] = [];
  void clock.sleep(1_000, signal).then(() => at.push(time.unix, clock.now(), clock.wall()));
  await time.advanceTo(1_010, signal);
  assert.deepEqual(at, [1_002, 1_000, 1_000_000 + 2_000 + 60_000]);
});
