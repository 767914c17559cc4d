import assert from "node:assert/strict";
import { it } from "node:test";
import * as raw from "multiformats/codecs/raw";
import { BackOff } from "../../../workers/storage/backOff.ts";
import type { BlockSource } from "../../../workers/storage/blocks.ts";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { cidOfBlock } from "../../../workers/storage/dag.ts";
import { ContentMissingError, StoreError } from "../../../workers/storage/errors.ts";
import { cachedIn, firstOf } from "../../../workers/storage/sources.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { ManualClock } from "../../support/ManualClock.ts";
import { verifying } from "../../support/memoryBlocks.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const bytes = patternBytes(100);
const cid = cidOfBlock(raw.code, bytes);
const options = { maxBytes: 1000, signal: new AbortController().signal };

const holding: BlockSource = () => Promise.resolve(bytes);
const damaged: BlockSource = () => Promise.resolve(patternBytes(101));
const lacking: BlockSource = () => Promise.reject(new ContentMissingError("CONTENT_MISSING", "none"));
const down: BlockSource = () => Promise.reject(new StoreError("STORE_UNAVAILABLE", "down"));
const named = (sources: Readonly<Record<string, BlockSource>>) =>
  Object.entries(sources).map(([name, read]) => ({ name, read }));

it("firstOf, sources that lack, damage or fail before one that has it, gives its block and tells of them", async () => {
  const failures: string[] = [];
  const read = firstOf(
    named({ lacking, damaged, down, holding }),
    new BackOff(new ManualClock()),
    (source, { code }) => failures.push(`${source} ${code}`),
  );
  assert.equal(await read(cid, options), bytes);
  assert.deepEqual(failures, ["lacking CONTENT_MISSING", "damaged BLOCK_CORRUPT", "down STORE_UNAVAILABLE"]);
});

it("firstOf, nobody has it, is missing with each source's reason", async () => {
  await assert.rejects(
    firstOf(named({ lacking, down }), new BackOff(new ManualClock()))(cid, options),
    (error) => {
      assert.ok(error instanceof ContentMissingError);
      assert.deepEqual(error.data.sources, { lacking: "CONTENT_MISSING", down: "STORE_UNAVAILABLE" });
      return true;
    },
  );
});

it("firstOf, a fault in a source itself, is not taken for a missing block", async () => {
  const fault = new TypeError("bug");
  const broken: BlockSource = () => Promise.reject(fault);
  await assert.rejects(
    firstOf(named({ broken, holding }), new BackOff(new ManualClock()))(cid, options),
    (error) => error === fault,
  );
});

it("cachedIn, a block read twice, is fetched once, and again when the cache is damaged", async (test) => {
  let reads = 0;
  const counted: BlockSource = () => {
    reads += 1;
    return Promise.resolve(bytes);
  };
  const cache = new FileBlockstore(temporaryFolder(test));
  const read = cachedIn(cache, verifying(counted));
  await read(cid, options);
  assert.ok(Buffer.from(bytes).equals(await read(cid, options)));
  assert.equal(reads, 1);
  const empty = cachedIn(new FileBlockstore(temporaryFolder(test)), verifying(counted));
  await empty(cid, options);
  assert.equal(reads, 2);
});

it("firstOf, a source that failed, is asked after the others until it has served again", async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  let broken = true;
  const first: BlockSource = () => {
    asked.push("first");
    return broken ? down(cid, options) : holding(cid, options);
  };
  const second: BlockSource = () => {
    asked.push("second");
    return holding(cid, options);
  };
  const read = firstOf(named({ first, second }), new BackOff(clock));
  for (const after of [0, 999, 1, 1999]) {
    await clock.advance(after);
    await read(cid, options);
  }
  assert.deepEqual(asked, ["first", "second", "second", "first", "second", "second"]);
  broken = false;
  await clock.advance(1);
  await read(cid, options);
  await read(cid, options);
  assert.deepEqual(asked.slice(6), ["first", "first"]);
});
