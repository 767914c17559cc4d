import assert from "node:assert/strict";
import { test } from "node:test";
import { refOf } from "../../../workers/storage/contentRef.ts";
import type { ContentStore } from "../../../workers/storage/contentStore.ts";
import { ContentError, ContentMissingError } from "../../../workers/storage/errors.ts";
import { repeatedReads } from "../../../workers/storage/repeatedReads.ts";
import { never } from "../../support/scriptedRun.ts";

const bytes = Uint8Array.of(1, 2, 3);
const ref = refOf(bytes);
const options = { maxBytes: 3, signal: never };

/** Fails so often before it serves. */
function failing(times: number, error: Error): { store: ContentStore; reads: () => number } {
  let reads = 0;
  const get = async () => {
    reads += 1;
    if (reads <= times) throw error;
    return bytes;
  };
  return { store: { put: async () => ref, has: async () => true, get }, reads: () => reads };
}

const missing = new ContentMissingError("CONTENT_MISSING", "lost");

test("repeatedReads, lost twice: read at the third try; never more tries than told", async () => {
  assert.equal(await repeatedReads(failing(2, missing).store, 3).get(ref, options), bytes);
  const { store, reads } = failing(9, missing);
  await assert.rejects(repeatedReads(store, 3).get(ref, options), missing);
  assert.equal(reads(), 3);
});

test("repeatedReads, content that is not what it should be, or a reader that gave up: not asked again", async () => {
  const wrong = new ContentError("CONTENT_TOO_LARGE", "wrong");
  const { store, reads } = failing(9, wrong);
  await assert.rejects(repeatedReads(store, 3).get(ref, options), wrong);
  assert.equal(reads(), 1);
  const aborted = failing(9, missing);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(repeatedReads(aborted.store, 3).get(ref, { maxBytes: 3, signal }), signal.reason);
  assert.equal(aborted.reads(), 1);
});

test("repeatedReads, put and has: as the store's", async () => {
  const { store } = failing(0, missing);
  const repeated = repeatedReads(store, 3);
  assert.equal(await repeated.put(bytes, { signal: never }), ref);
  assert.equal(await repeated.has(ref, { signal: never }), true);
});
