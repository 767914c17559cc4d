import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type EvaluationRow, ScoreBook, type ScoreState } from "../../../workers/database/scores.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const state = (neuronId: bigint, updatedRound: number): ScoreState => ({
  neuronId,
  uid: Number(neuronId) - 1,
  mu: 25,
  sigma: 25 / 3,
  computationAverage: -0.1,
  penalty: 1,
  lastSeenRound: undefined,
  updatedRound,
});
const row = (round: number, neuronId: bigint): EvaluationRow => ({
  round,
  neuronId,
  uid: 3,
  ownLossBefore: 5.5,
  ownLossAfter: 5.25,
  randomLossBefore: undefined,
  randomLossAfter: undefined,
  muAfter: 25,
  sigmaAfter: 8,
  computationAverageAfter: 0.05,
  penaltyAfter: 0.5,
  score: 1.5,
  reasons: ["COPY", "MISSING"],
});

describe("ScoreBook", () => {
  it("recordRound, then opened again, gives states and evaluations exactly", async (test) => {
    const path = join(await temporaryFolder(test), "scores");
    const book = new ScoreBook(path);
    assert.equal(book.lastRound(), undefined);
    assert.equal(
      book.recordRound(0, [state(2n, 0), { ...state(1n, 0), lastSeenRound: 0 }], [row(0, 2n)]),
      true,
    );
    book.close();
    const again = new ScoreBook(path);
    assert.deepEqual(again.states(), [{ ...state(1n, 0), lastSeenRound: 0 }, state(2n, 0)]);
    assert.deepEqual(again.evaluations(0, 0), [row(0, 2n)]);
    assert.equal(again.lastRound(), 0);
    again.close();
  });

  it("recordRound, a round taken already, changes nothing", async (test) => {
    const book = new ScoreBook(join(await temporaryFolder(test), "scores"));
    book.recordRound(5, [state(1n, 5)], []);
    assert.equal(book.recordRound(5, [{ ...state(1n, 5), mu: 1 }], [row(5, 1n)]), false);
    assert.deepEqual(book.states(), [state(1n, 5)]);
    assert.deepEqual(book.evaluations(0, 9), []);
    book.close();
  });

  it("recordRound, a row that cannot be stored, takes nothing of the round", async (test) => {
    const book = new ScoreBook(join(await temporaryFolder(test), "scores"));
    assert.throws(() => book.recordRound(1, [state(1n, 1)], [row(1, 1n), row(1, 1n)]));
    assert.deepEqual(book.states(), []);
    assert.equal(book.lastRound(), undefined);
    book.close();
  });
});
