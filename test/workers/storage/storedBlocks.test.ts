import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { it } from "node:test";
import { CID } from "multiformats/cid";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { buildDag } from "../../../workers/storage/dag.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { storedBlocks } from "../../../workers/storage/storedBlocks.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { never } from "../../support/scriptedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const bytes = patternBytes((2 << 20) + 5);
const { root, blocks } = buildDag(bytes);

it("storedBlocks, a content of several blocks, names the root first and all others", async (test) => {
  const folder = temporaryFolder(test);
  await (await LocalStore.open(folder)).put(bytes, { signal: never });
  const found = storedBlocks(new FileBlockstore(folder), root.toString()).map(String);
  assert.equal(found[0], root.toString());
  assert.deepEqual(found.toSorted(), blocks.map(({ cid }) => cid.toString()).toSorted());
});

it("storedBlocks, a root that is not there or damaged, names it alone", async (test) => {
  const folder = temporaryFolder(test);
  const store = new FileBlockstore(folder);
  assert.deepEqual(storedBlocks(store, root.toString()).map(String), [root.toString()]);
  await (await LocalStore.open(folder)).put(bytes, { signal: never });
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const file = files.find((name) => name.endsWith(".pb")) ?? assert.fail("no node");
  writeFileSync(path.join(folder, file), "damage");
  assert.deepEqual(storedBlocks(store, root.toString()).map(String), [root.toString()]);
});

it("FileBlockstore.removeNow and usedBytes, a block and one that is gone, count what is there", async (test) => {
  const store = new FileBlockstore(path.join(temporaryFolder(test), "new"));
  assert.equal(await store.usedBytes(), 0);
  for (const { cid, bytes: block } of blocks) await store.put(cid, block);
  const all = blocks.reduce((sum, { bytes: block }) => sum + block.length, 0);
  assert.equal(await store.usedBytes(), all);
  const leaf = CID.asCID(blocks[0].cid) ?? assert.fail();
  assert.equal(store.holdsNow(leaf), true);
  store.removeNow(leaf);
  store.removeNow(leaf);
  assert.equal(store.holdsNow(leaf), false);
  assert.equal(store.readNow(leaf), undefined);
  assert.equal(await store.usedBytes(), all - blocks[0].bytes.length);
});
