import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { within } from "../../../workers/runtime/within.ts";

const never = new AbortController().signal;
const late = () => new RangeError("late");
const waits = (signal: AbortSignal) => systemClock.sleep(60_000, signal);

test("within, work that ends in time: its result, or its error", async () => {
  assert.equal(await within(systemClock, 60_000, never, late, async () => 7), 7);
  const failing = within(systemClock, 60_000, never, late, async () => {
    throw new TypeError("its own");
  });
  await assert.rejects(failing, TypeError);
});

test("within, work that does not: ended by its signal, with the given error", async () => {
  await assert.rejects(within(systemClock, 5, never, late, waits), RangeError);
});

test("within, the caller gives up: the caller's reason", async () => {
  const caller = new AbortController();
  const waiting = within(systemClock, 60_000, caller.signal, late, waits);
  caller.abort(new SyntaxError("given up"));
  await assert.rejects(waiting, SyntaxError);
});
