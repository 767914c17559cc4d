import assert from "node:assert/strict";
import { it } from "node:test";
import { refOf } from "../../../workers/storage/contentRef.ts";
import type { ContentStore } from "../../../workers/storage/contentStore.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { readLimitMs, timedReads } from "../../../workers/storage/timedReads.ts";
import { ManualClock } from "../../support/ManualClock.ts";
import { never } from "../../support/scriptedRun.ts";

const bytes = Uint8Array.of(1, 2, 3);
const ref = refOf(bytes);

/** A store whose reads take `ms`. */
function taking(ms: number, clock: ManualClock): ContentStore {
  const get: ContentStore["get"] = async (_ref, { signal }) => {
    await clock.sleep(ms, signal);
    return bytes;
  };
  return { put: async () => ref, has: async () => true, get };
}

it("timedReads, a read just within its limit and one past it: read, and STORE_UNAVAILABLE", async () => {
  const clock = new ManualClock();
  const limit = readLimitMs(ref.size);
  const read = timedReads(taking(limit - 1, clock), clock).get(ref, { maxBytes: 3, signal: never });
  const late = timedReads(taking(limit + 1, clock), clock).get(ref, { maxBytes: 3, signal: never });
  const refused = assert.rejects(late, (error) => {
    assert.ok(error instanceof StoreError && error.code === "STORE_UNAVAILABLE" && error.retryable);
    assert.equal(error.data.late, true);
    return true;
  });
  await clock.advance(limit + 1);
  assert.equal(await read, bytes);
  await refused;
  assert.equal(clock.sleepers, 0, "no alarm is left behind");
});

it("readLimitMs, larger content, may take longer", () => {
  assert.equal(readLimitMs(64e6) - readLimitMs(0), 1_000_000);
});

it("timedReads, aborted, rejects with the reason; put and has are the store's", async () => {
  const clock = new ManualClock();
  const store = timedReads(taking(10, clock), clock);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(store.get(ref, { maxBytes: 3, signal }), signal.reason);
  assert.equal(await store.put(bytes, { signal: never }), ref);
  assert.equal(await store.has(ref, { signal: never }), true);
});
