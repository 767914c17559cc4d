import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { ManualClock } from "../../support/ManualClock.ts";

const never = new AbortController().signal;

describe("systemClock", () => {
  it("sleep, a few milliseconds, lasts at least as long on the monotonic clock", async () => {
    const before = systemClock.now();
    await systemClock.sleep(15, never);
    assert.ok(systemClock.now() - before >= 14);
  });

  it("sleep, aborted while waiting, rejects with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await assert.rejects(sleeping, (error) => error === reason);
  });

  it("sleep, aborted before, rejects with the signal's reason", async () => {
    const reason = new Error("enough");
    await assert.rejects(systemClock.sleep(1, AbortSignal.abort(reason)), (error) => error === reason);
  });

  it("wall, now, is the machine's time", () => {
    assert.ok(Math.abs(systemClock.wall() - Date.now()) < 1000);
  });
});

describe("ManualClock", () => {
  it("advance, past two sleepers, wakes them in the order of their time", async () => {
    const clock = new ManualClock();
    const woken: [string, number][] = [];
    const late = clock.sleep(200, never).then(() => woken.push(["late", clock.now()]));
    const early = clock.sleep(100, never).then(() => woken.push(["early", clock.now()]));
    await clock.advance(150);
    assert.deepEqual(woken, [["early", 100]]);
    await clock.advance(50);
    await Promise.all([late, early]);
    assert.deepEqual(woken, [
      ["early", 100],
      ["late", 200],
    ]);
    assert.equal(clock.sleepers, 0);
  });
});
