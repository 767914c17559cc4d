import assert from "node:assert/strict";
import { test } from "node:test";
import { Observations } from "../../../scripts/localnet/observations.ts";

const scores = (uid: number, score: number, reasons: readonly string[] = []) => ({
  uid,
  score,
  penalties: reasons.map((reason) => ({ reason, factor: 0.5 })),
});

test("Observations, rows of several workers: by kind and name; unknown and malformed ones left out", () => {
  const observations = new Observations();
  observations.add("a", [
    { type: "state", round: 0, root: "0x1", gathered: [] },
    { type: "state", round: 1, root: "0x2", gathered: [0] },
    { type: "heldOutLoss", round: 0, loss: 5.5 },
    { type: "roundLost", round: 4, code: "CONTRACT_REVERT" },
    { type: "state", round: "2", root: "0x3" },
    { type: "weather", round: 0 },
  ]);
  observations.add("b", [
    { type: "state", round: 1, root: "0x9", gathered: [0] },
    { type: "heldOutLoss", round: 0, loss: 5.6 },
    { type: "dutyMissed", duty: "attest", round: 2, code: "RPC_FAILED" },
  ]);
  assert.deepEqual([...observations.roots.keys()], [0, 1]);
  assert.deepEqual(
    [...(observations.roots.get(1) ?? [])],
    [
      ["a", "0x2"],
      ["b", "0x9"],
    ],
  );
  assert.equal(observations.heldOutLoss.get(0), 5.5, "of the first that measured");
  assert.deepEqual(
    [...observations.missed],
    [
      ["a", ["CONTRACT_REVERT in round 4"]],
      ["b", ["RPC_FAILED in round 2"]],
    ],
  );
});

test("Observations, evaluations: each validator's latest score of a uid, reasons counted over all", () => {
  const observations = new Observations();
  observations.add("v1", [
    { type: "evaluation", round: 0, scores: [scores(3, 1, ["copy"]), scores(4, 9)] },
    { type: "evaluation", round: 1, scores: [scores(3, 0, ["copy", "negative"])] },
  ]);
  observations.add("v2", [{ type: "evaluation", round: 0, scores: [scores(4, 7), scores(5, 2)] }]);
  assert.deepEqual([...observations.latestScores(3)], [["v1", 0]]);
  assert.deepEqual(
    [...observations.latestScores(4)],
    [
      ["v1", 9],
      ["v2", 7],
    ],
  );
  assert.deepEqual([...observations.latestScores(6)], []);
  assert.deepEqual(
    [...observations.penaltyCounts(3)],
    [
      ["copy", 2],
      ["negative", 1],
    ],
  );
});
