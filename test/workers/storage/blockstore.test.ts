import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { it } from "node:test";
import * as raw from "multiformats/codecs/raw";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { cidOfBlock } from "../../../workers/storage/dag.ts";
import { ContentMissingError, StoreError } from "../../../workers/storage/errors.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = new AbortController().signal;
const writer = path.join(import.meta.dirname, "../../support/blockWriter.ts");

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

it("FileBlockstore.put, bytes of another CID, are not stored", async (test) => {
  const directory = temporaryFolder(test);
  const cid = cidOfBlock(raw.code, patternBytes(10));
  await assert.rejects(
    new FileBlockstore(directory).put(cid, patternBytes(11)),
    (error) => error instanceof ContentMissingError && error.code === "BLOCK_CORRUPT",
  );
  assert.deepEqual(files(directory), []);
});

it("FileBlockstore.put, over a damaged block of the same size, replaces it", async (test) => {
  const directory = temporaryFolder(test);
  const store = new FileBlockstore(directory);
  const bytes = patternBytes(1000);
  const cid = cidOfBlock(raw.code, bytes);
  await store.put(cid, bytes);
  writeFileSync(files(directory)[0], new Uint8Array(1000));
  await assert.rejects(
    store.get(cid, { signal }),
    (error) => error instanceof ContentMissingError && error.code === "BLOCK_CORRUPT",
  );
  assert.equal(files(directory).length, 1, "a damaged block is left for the next put, not unlinked");
  await store.put(cid, bytes);
  assert.deepEqual(Buffer.from(await store.get(cid, { signal })), Buffer.from(bytes));
});

it("FileBlockstore.get, a damaged block longer than any block: missing, not invalid, and put again", async (test) => {
  const directory = temporaryFolder(test);
  const store = new FileBlockstore(directory);
  const bytes = patternBytes(1000);
  const cid = cidOfBlock(raw.code, bytes);
  await store.put(cid, bytes);
  writeFileSync(files(directory)[0], new Uint8Array(2 ** 21 + 1));
  await assert.rejects(store.get(cid, { signal }), (error) => error instanceof ContentMissingError);
  await store.put(cid, bytes);
  assert.deepEqual(Buffer.from(await store.get(cid, { signal })), Buffer.from(bytes));
});

it("FileBlockstore.put, a file where a folder should be, is STORE_UNWRITABLE", async (test) => {
  const file = path.join(temporaryFolder(test), "file");
  writeFileSync(file, "");
  const bytes = patternBytes(10);
  await assert.rejects(
    new FileBlockstore(file).put(cidOfBlock(raw.code, bytes), bytes),
    (error) => error instanceof StoreError && error.code === "STORE_UNWRITABLE",
  );
});

it("FileBlockstore.sweep, old and fresh temporary files and blocks, removes only the old temporary", async (test) => {
  const directory = temporaryFolder(test);
  const store = new FileBlockstore(directory);
  const bytes = patternBytes(10);
  await store.put(cidOfBlock(raw.code, bytes), bytes);
  const [block] = files(directory);
  mkdirSync(path.join(directory, "ab"));
  const old = path.join(directory, "ab", ".tmp-1-00");
  const fresh = path.join(directory, "ab", ".tmp-1-01");
  for (const file of [old, fresh]) writeFileSync(file, "half a block");
  for (const file of [old, block]) utimesSync(file, 1_000_000, 1_000_000);
  assert.equal(await store.sweep(), 1);
  assert.deepEqual(files(directory).sort(), [block, fresh].sort());
});

it("FileBlockstore, writers of the same blocks killed with SIGKILL, shows no half block", async (test) => {
  const parent = temporaryFolder(test);
  const size = 1 << 18;
  const blocks = Array.from({ length: 12 }, (_, index) => patternBytes(size + index));
  for (let attempt = 0; attempt < 4; attempt++) {
    const directory = path.join(parent, String(attempt));
    const writers = [0, 1, 2].map(() => fork(writer, [directory, String(size), "12"], { stdio: "ignore" }));
    const exits = writers.map((child) => once(child, "exit"));
    await Promise.all(writers.map((child) => once(child, "message"))); // each has stored its first block
    await new Promise((resolve) => setTimeout(resolve, attempt * 15));
    for (const child of writers) child.kill("SIGKILL");
    await Promise.all(exits);
    const store = new FileBlockstore(directory);
    const present = blocks.map(async (bytes) => {
      try {
        await store.get(cidOfBlock(raw.code, bytes), { signal });
        return true;
      } catch (error) {
        assert.ok(
          error instanceof ContentMissingError && error.code === "CONTENT_MISSING",
          `attempt ${attempt}`,
        );
        return false;
      }
    });
    assert.equal(await present[0], true, "what put returned for is there");
    await Promise.all(present);
  }
});
