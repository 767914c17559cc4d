import assert from "node:assert/strict";
import { it } from "node:test";
import type { BlockSource } from "../../../workers/storage/blocks.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import { buildDag } from "../../../workers/storage/dag.ts";
import { ContentMissingError } from "../../../workers/storage/errors.ts";
import { readVerified } from "../../../workers/storage/reader.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { MemoryBlocks, verifying } from "../../support/memoryBlocks.ts";

const mebibyte = 1 << 20;

it("readVerified, one block replaced by a liar, is BLOCK_CORRUPT and retryable", async () => {
  const blocks = new MemoryBlocks();
  const bytes = patternBytes(5 * mebibyte);
  const dag = buildDag(bytes);
  for (const block of dag.blocks) blocks.map.set(block.cid.toString(), block.bytes);
  for (const block of dag.blocks) {
    blocks.map.set(block.cid.toString(), patternBytes(block.bytes.length + 1).subarray(1));
    await assert.rejects(
      blocks.read(dag.root, bytes.length, bytes.length),
      (error) => error instanceof ContentMissingError && error.code === "BLOCK_CORRUPT" && error.retryable,
      block.cid.toString(),
    );
    blocks.map.set(block.cid.toString(), block.bytes);
  }
  assert.deepEqual(Buffer.from(await blocks.read(dag.root, bytes.length, bytes.length)), Buffer.from(bytes));
});

it("readVerified, aborted while the source hangs, rejects with the reason", async () => {
  const controller = new AbortController();
  const hanging: BlockSource = (_cid, options) =>
    new Promise((_resolve, reject) => {
      options.signal.addEventListener("abort", () => reject(options.signal.reason));
    });
  const reading = readVerified(refOf(patternBytes(10)), verifying(hanging), {
    maxBytes: 10,
    signal: controller.signal,
  });
  const reason = new Error("stop");
  controller.abort(reason);
  await assert.rejects(reading, (error) => error === reason);
});
