import assert from "node:assert/strict";
import { test } from "node:test";
import { explainLosses } from "./lostRounds.ts";

const point = { when: "before", step: "salt stored" } as const;
const lives = [
  { startedAt: -5, joinedAt: -1, died: { at: 9, point } },
  { startedAt: 9, joinedAt: 13, died: undefined },
];

/** Rounds of four seconds from 0 on; those named are there. */
const rounds = (...there: readonly number[]) =>
  Array.from({ length: 8 }, (_, round) => ({
    from: 4 * round,
    until: 4 * round + 4,
    there: there.includes(round),
  }));

test("explainLosses, a death in the third round and a start that takes the fourth: nothing after is explained by them", () => {
  const losses = explainLosses(lives, rounds());
  assert.deepEqual(losses, ["after", "after", "died", "not back", "after", "after", "after", "after"]);
});

test("explainLosses, rounds done before and after the death: what is lost later is the machine's", () => {
  const losses = explainLosses(lives, rounds(0, 4, 6));
  assert.deepEqual(losses, [
    undefined,
    "machine",
    "died",
    "not back",
    undefined,
    "machine",
    undefined,
    "machine",
  ]);
});

test("explainLosses, the round of the death done before it died or by the next process: there", () => {
  assert.deepEqual(explainLosses(lives, rounds(2)).slice(0, 4), ["after", "after", undefined, "not back"]);
});

test("explainLosses, a worker that never joined: not back", () => {
  const never = [{ startedAt: 0, joinedAt: undefined, died: undefined }];
  assert.deepEqual(new Set(explainLosses(never, rounds())), new Set(["not back"]));
});

test("explainLosses, other work as proof: what was lost after it is the machine's", () => {
  const proofs = rounds(5);
  assert.deepEqual(explainLosses(lives, rounds(), proofs).slice(4), [
    "after",
    "machine",
    "machine",
    "machine",
  ]);
});
