import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { rate } from "openskill";
import { newRating, ordinal, type Rating, rateMatch } from "../../../workers/evaluation/rating.ts";

const settings = { mu: 25, sigma: 25 / 3, beta: 7, tau: 0.1 };
const fresh = (count: number) => Array.from({ length: count }, () => newRating(settings));

interface Case {
  readonly scores: readonly (readonly number[])[];
  readonly mu_sigma_ordinal: readonly (readonly (readonly [number, number, number])[])[];
}

const vectors = new URL("../../vectors/sparseloco.json", import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(vectors, "utf8"))["openskill_beta7_tau0.1"];

function close(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected}`,
  );
}

test("rateMatch, the vectors with and without ties: their figures", () => {
  for (const [which, { scores, mu_sigma_ordinal: expected }] of cases.entries()) {
    let ratings = fresh(scores[0].length);
    for (const [match, row] of scores.entries()) {
      ratings = rateMatch(ratings, row, settings);
      for (const [entrant, [mu, sigma, skill]] of expected[match].entries()) {
        const where = `case ${which} match ${match} entrant ${entrant}`;
        close(ratings[entrant].mu, mu, where);
        close(ratings[entrant].sigma, sigma, where);
        close(ordinal(ratings[entrant]), skill, where);
      }
    }
  }
});

const finite = { noNaN: true, noDefaultInfinity: true };
const rating = fc.record({
  mu: fc.double({ min: -50, max: 100, ...finite }),
  sigma: fc.double({ min: 0.5, max: 9, ...finite }),
});

test("rateMatch, no ties: what openskill computes", () => {
  const entrants = fc.uniqueArray(fc.tuple(rating, fc.integer({ min: -100, max: 100 })), {
    minLength: 2,
    maxLength: 8,
    selector: ([, score]) => score,
  });
  fc.assert(
    fc.property(entrants, (drawn) => {
      const before = drawn.map(([each]) => each);
      const score = drawn.map(([, each]) => each);
      const teams: Rating[][] = before.map((each) => [each]);
      const expected = rate(teams, { ...settings, score });
      for (const [entrant, { mu, sigma }] of rateMatch(before, score, settings).entries()) {
        assert.ok(Math.abs(mu - expected[entrant][0].mu) < 1e-9);
        assert.ok(Math.abs(sigma - expected[entrant][0].sigma) < 1e-9);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("rateMatch, entrants in another order: the same ratings to the last bit", () => {
  const match = fc.array(fc.tuple(rating, fc.constantFrom(-1, 0, 0.5, Number.NEGATIVE_INFINITY)), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(match, (drawn) => {
      const play = (entrants: typeof drawn) =>
        rateMatch(
          entrants.map(([each]) => each),
          entrants.map(([, score]) => score),
          settings,
        );
      assert.deepEqual(play(drawn.toReversed()).toReversed(), play(drawn));
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("rateMatch, a single entrant: nothing changes", () => {
  assert.deepEqual(rateMatch(fresh(1), [1], settings), fresh(1));
});
