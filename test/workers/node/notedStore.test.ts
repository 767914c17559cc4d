import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ContentIndex } from "../../../workers/database/contentIndex.ts";
import { NotedStore } from "../../../workers/node/notedStore.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { never } from "../../support/scriptedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = never;

test("NotedStore.get, more than the caller takes or content that is not there: no row that keeps others' content", async (t) => {
  const folder = temporaryFolder(t);
  const plain = await LocalStore.open(folder);
  const index = new ContentIndex(join(folder, "contents.sqlite"));
  t.after(() => index.close());
  const ref = await plain.put(patternBytes(50), { signal });
  const alone = { store: plain, blocks: new FileBlockstore(folder), fetches: false };
  const missing = refOf(patternBytes(51));
  await assert.rejects(new NotedStore(alone, index).get(missing, { maxBytes: 51, signal }), {
    code: "CONTENT_MISSING",
  });
  await assert.rejects(
    new NotedStore({ ...alone, fetches: true }, index).get(ref, { maxBytes: 49, signal }),
    {
      code: "CONTENT_TOO_LARGE",
    },
  );
  assert.deepEqual(index.contents(), []);
});

test("NotedStore, what it stores and fetches: a row each, with the round of the last use", async (t) => {
  const folder = temporaryFolder(t);
  const index = new ContentIndex(join(folder, "contents.sqlite"));
  t.after(() => index.close());
  const [here, elsewhere] = [join(folder, "here"), join(folder, "elsewhere")];
  const source = await LocalStore.open(elsewhere);
  const fetched = await source.put(patternBytes(60), { signal });
  const blocks = new FileBlockstore(here);
  const from = new FileBlockstore(elsewhere);
  const plain = await LocalStore.open(here, (cid, options) => from.get(cid, options));
  const store = new NotedStore({ store: plain, blocks, fetches: true }, index);
  store.round = 4;
  const own = await store.put(patternBytes(61), { signal });
  await store.get(fetched, { maxBytes: 60, signal });
  store.round = 6;
  await store.get(own, { maxBytes: 61, signal });
  await store.get(fetched, { maxBytes: 60, signal });
  const rows = index.contents().toSorted((a, b) => a.size - b.size);
  assert.deepEqual(rows, [
    { cid: fetched.cid, size: 60, round: 6, own: false },
    { cid: own.cid, size: 61, round: 6, own: true },
  ]);
  assert.equal(await store.has(own, { signal }), true);
  assert.equal(new NotedStore({ store: plain, blocks, fetches: true }, index).round, 6);
});

test("NotedStore, an index that another process holds, is STORE_UNAVAILABLE and retryable; another fault is not", async (t) => {
  const folder = temporaryFolder(t);
  const store = await LocalStore.open(folder);
  const ref = await store.put(patternBytes(5), { signal });
  const opened = { store, blocks: new FileBlockstore(folder), fetches: true };
  const failing = (code: string) => {
    const fail = () => {
      throw new FatalError(code, "the index");
    };
    return new NotedStore(opened, { newestRound: () => 0, has: () => true, note: fail });
  };
  for (const use of [
    (noted: NotedStore) => noted.put(patternBytes(5), { signal }),
    (noted: NotedStore) => noted.get(ref, { maxBytes: 5, signal }),
  ]) {
    await assert.rejects(
      use(failing("DATABASE_LOCKED")),
      (error) => error instanceof StoreError && error.code === "STORE_UNAVAILABLE" && error.retryable,
    );
    await assert.rejects(use(failing("DATABASE_CORRUPT")), { code: "DATABASE_CORRUPT" });
  }
});
