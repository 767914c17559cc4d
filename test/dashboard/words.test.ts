import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { knownOutcomes, outcomeWords, penaltyWords } from "../../dashboard/src/words.ts";
import { penaltyReasons } from "../../workers/evaluation/penalties.ts";
import type { RoundOutcome } from "../../workers/protocol/neuronStatus.ts";

/** As the chain says, and what validators report besides. */
const outcomes: Readonly<Record<RoundOutcome | "leftOut", true>> = {
  open: true,
  absent: true,
  silent: true,
  unrevealed: true,
  unattested: true,
  ungathered: true,
  gathered: true,
  leftOut: true,
};

describe("words", () => {
  it("every outcome of a round has its words", () => {
    assert.deepEqual(knownOutcomes.toSorted(), Object.keys(outcomes).toSorted());
    for (const outcome of knownOutcomes) assert.notEqual(outcomeWords(outcome).meaning, "", outcome);
  });

  it("every penalty has its words", () => {
    for (const reason of penaltyReasons) assert.notEqual(penaltyWords([reason]), reason);
    assert.equal(penaltyWords([]), "");
  });

  it("what is unknown, or named like a property of every object: its own name", () => {
    for (const name of ["later", "constructor", "__proto__"]) {
      assert.deepEqual(outcomeWords(name), { name, meaning: "" });
      assert.equal(penaltyWords([name]), name);
    }
  });
});
