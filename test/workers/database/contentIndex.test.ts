import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ContentIndex } from "../../../workers/database/contentIndex.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const a = { cid: "a", size: 5, round: 3, own: false };

test("ContentIndex.note, used again: the later round and whether it is one's own stay, across processes", (t) => {
  const file = join(temporaryFolder(t), "contents.sqlite");
  const [index, other] = [new ContentIndex(file), new ContentIndex(file)];
  t.after(() => [index, other].map((each) => each.close()));
  assert.equal(index.newestRound(), 0);
  index.note(a);
  other.note({ ...a, round: 7 });
  index.note({ ...a, round: 5 });
  assert.deepEqual(index.contents(), [{ ...a, round: 7 }]);
  other.note({ ...a, round: 1, own: true });
  index.note({ ...a, round: 9 });
  assert.deepEqual(other.contents(), [{ ...a, round: 9, own: true }]);
  assert.equal(other.newestRound(), 9);
  other.remove("a");
  assert.equal(index.has("a"), false);
});

test("ContentIndex.needed, several owners: what each said last, if it said so lately", (t) => {
  const index = new ContentIndex(join(temporaryFolder(t), "contents.sqlite"));
  t.after(() => index.close());
  const [b, c] = ["b", "c"].map((cid) => ({ cid, size: 1 }));
  index.need("miner", 1, [a, b, b]);
  index.need("validator", 5, [c]);
  assert.deepEqual(index.needed(0), new Set(["a", "b", "c"]));
  assert.deepEqual(index.needed(2), new Set(["c"]));
  index.need("miner", 6, [b]);
  assert.deepEqual(index.needed(2), new Set(["b", "c"]));
});
