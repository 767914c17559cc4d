import assert from "node:assert/strict";
import { test } from "node:test";
import { openRun } from "../../../workers/node/run.ts";
import { never, scriptedRun } from "../../support/scriptedRun.ts";

test("openRun, a registry whose hash is another manifest's, MANIFEST_MISMATCH with both hashes", async (t) => {
  const { chain, store, run } = await scriptedRun(t);
  const hash = `0x${"12".repeat(32)}` as const;
  const contracts = { ...chain.contracts, manifest: { ...chain.contracts.manifest, hash } };
  const data = { found: run.manifestHash, expected: hash };
  await assert.rejects(openRun(contracts, store, never), {
    code: "MANIFEST_MISMATCH",
    data,
    retryable: false,
  });
});

test("openRun, content that nobody serves, CONTENT_MISSING and retryable", async (t) => {
  const { chain, store } = await scriptedRun(t);
  const digest = `0x${"34".repeat(32)}` as const;
  const contracts = { ...chain.contracts, manifest: { ...chain.contracts.manifest, digest } };
  await assert.rejects(openRun(contracts, store, never), { code: "CONTENT_MISSING", retryable: true });
});
