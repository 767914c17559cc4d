import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chainTime, momentOf, phaseShares } from "../../dashboard/src/clock.ts";
import { statusWords } from "../../dashboard/src/statusWords.ts";
import { clock, lastRound, status } from "../support/fixtureRun.ts";

const start = clock.genesis + lastRound * clock.period;

describe("the round clock", () => {
  it("phases: their shares of the period, a whole together", () => {
    assert.deepEqual(phaseShares(clock), { commit: 0.6, reveal: 0.2, attest: 1 - 0.6 - 0.2 });
  });

  it("chain time: goes on from the head, and stands at the phase's end until a block begins the next", () => {
    assert.equal(chainTime(status(), 2), start + 7);
    assert.equal(chainTime(status(), 60), start + clock.commitSeconds);
    assert.equal(chainTime(status({ head: null }), 3), 3);
  });

  it("progress and seconds left, within a round and before genesis", () => {
    assert.deepEqual(momentOf(clock, status(), start + 5), { progress: 0.25, secondsLeft: 7 });
    const before = status({ round: null, phase: null, phaseEndsAt: clock.genesis });
    assert.deepEqual(momentOf(clock, before, clock.genesis - 30), { progress: 0, secondsLeft: 30 });
  });
});

describe("statusWords", () => {
  it("up to date alone is good; silence, a reset and a lost connection are problems", () => {
    const kinds = (["starting", "syncing", "synced", "silent", "reset"] as const).map((state) => {
      const { good, problem } = statusWords(status({ state }), true);
      return [state, good, problem];
    });
    assert.deepEqual(kinds, [
      ["starting", false, false],
      ["syncing", false, false],
      ["synced", true, false],
      ["silent", false, true],
      ["reset", false, true],
    ]);
    assert.equal(statusWords(status(), false).problem, true);
    assert.equal(statusWords(undefined, undefined).problem, false);
  });

  it("a failure of the chain: not good, its code is named", () => {
    const problem = { code: "RPC_UNREACHABLE", message: "", hint: null };
    const words = statusWords(status({ problem }), true);
    assert.equal(words.good, false);
    assert.ok(words.text.includes("RPC_UNREACHABLE"));
  });
});
