import assert from "node:assert/strict";
import { test } from "node:test";
import { runScript } from "../../support/spawned.ts";

const ROUNDS = 50;

test("50 rounds in processes of 1, 2 and 3 threads, the same roots of θ and of every worker's state", async () => {
  const ended = await Promise.all(
    [1, 2, 3].map((threads) => runScript("test/support/trainedRoots.ts", [String(ROUNDS), String(threads)])),
  );
  for (const { exitCode, err } of ended) assert.equal(exitCode, 0, err);
  const [first, ...others] = ended.map(({ out }) => out.trim().split("\n"));
  assert.equal(new Set(first).size, ROUNDS, "every round changes a root");
  for (const [index, lines] of others.entries()) {
    assert.equal(lines.length, ROUNDS);
    const differing = lines.findIndex((line, round) => line !== first[round]);
    assert.equal(differing, -1, `process ${index + 1} differs from round ${differing} on`);
  }
});
