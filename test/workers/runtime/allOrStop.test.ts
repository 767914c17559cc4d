import assert from "node:assert/strict";
import { test } from "node:test";
import { allOrStop } from "../../../workers/runtime/allOrStop.ts";
import { ManualClock } from "../../support/ManualClock.ts";
import { never } from "../../support/scriptedRun.ts";

test("allOrStop, works that take their time, are under way together and give results in the order of the items", async () => {
  const clock = new ManualClock();
  const all = allOrStop([30, 10, 20], never, async (ms, signal) => {
    await clock.sleep(ms, signal);
    return ms;
  });
  await clock.advance(30);
  assert.deepEqual(await all, [30, 10, 20]);
});

test("allOrStop, one fails: the others are stopped, and none is under way when its error is thrown", async () => {
  const clock = new ManualClock();
  const fault = new Error("fault");
  let ended = 0;
  const all = allOrStop([0, 1, 2], never, async (item, signal) => {
    try {
      await clock.sleep(item === 1 ? 10 : 1000, signal);
      throw fault;
    } finally {
      ended += 1;
    }
  });
  const refused = assert.rejects(all, (error) => error === fault && ended === 3);
  await clock.advance(10);
  await refused;
  assert.equal(clock.sleepers, 0);
});

test("allOrStop, aborted or without items: the reason, and nothing", async () => {
  const clock = new ManualClock();
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(
    allOrStop([1], signal, (ms, either) => clock.sleep(ms, either)),
    signal.reason,
  );
  assert.deepEqual(await allOrStop([], never, async () => 1), []);
});
