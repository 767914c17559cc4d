import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluationBatch } from "../../../workers/evaluation/evaluationBatch.ts";

test("evaluationBatch, sequences of an update: split evenly over the fewest runs of 24 at most", () => {
  for (const [randomSequences, ownSequences, batch] of [
    [1, 1, 2],
    [16, 4, 20],
    [20, 4, 24],
    [21, 4, 13],
    [32, 16, 24],
    [192, 16, 24],
  ] as const)
    assert.equal(
      evaluationBatch({ randomSequences, ownSequences }),
      batch,
      `${randomSequences}, ${ownSequences}`,
    );
});
