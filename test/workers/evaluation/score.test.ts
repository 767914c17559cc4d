import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type NeuronState, newNeuronState } from "../../../workers/evaluation/neuronState.ts";
import { computationFactor, inactiveAfter, ratingFloor, scoreOf } from "../../../workers/evaluation/score.ts";
import { settings } from "./quadraticRun.ts";

const clean: NeuronState = {
  ...newNeuronState(1n, settings.rating),
  evaluations: 2,
  recent: [true, true],
};

const anyState: fc.Arbitrary<NeuronState> = fc.record({
  neuronId: fc.constant(1n),
  rating: fc.record({
    mu: fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    sigma: fc.double({ min: 0.01, max: 9, noNaN: true }),
  }),
  computation: fc.double({ min: -1, max: 1, noNaN: true }),
  standing: fc.double({ min: 0, max: 1, noNaN: true }),
  recent: fc.array(fc.boolean(), { maxLength: 8 }),
  auditStanding: fc.double({ min: 0, max: 1, noNaN: true }),
  evaluations: fc.nat(100),
  missedInRow: fc.nat(12),
  lastEvaluated: fc.constant(null),
  stateAfter: fc.constant(null),
  resetEpoch: fc.constant(null),
});

test("scoreOf, any state: finite and not negative", () => {
  fc.assert(
    fc.property(anyState, (state) => {
      const score = scoreOf(state, settings);
      assert.ok(Number.isFinite(score) && score >= 0, `${score}`);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("scoreOf, less standing or worse own-data evidence: never a higher score, two bad marks included", () => {
  const lower = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(anyState, lower, lower, (state, standing, drop) => {
      const worse = { ...state, standing: state.standing * standing, computation: state.computation - drop };
      assert.ok(scoreOf(worse, settings) <= scoreOf(state, settings));
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("scoreOf, on both sides of each condition: a score or exactly 0", () => {
  const positive = (change: Partial<NeuronState>) => scoreOf({ ...clean, ...change }, settings) > 0;
  assert.equal(positive({}), true);
  assert.equal(positive({ evaluations: 1 }), false);
  assert.equal(positive({ recent: [true, true, false] }), true);
  assert.equal(positive({ recent: [true, false] }), false);
  assert.equal(positive({ standing: 0.25 }), true);
  assert.equal(positive({ standing: 0.2499 }), false);
  assert.equal(positive({ missedInRow: inactiveAfter - 1 }), true);
  assert.equal(positive({ missedInRow: inactiveAfter }), false);
  assert.equal(positive({ computation: -0.49 }), true);
  assert.equal(positive({ computation: -0.5 }), false);
});

test("scoreOf, always ranked last: the floor, not 0", () => {
  assert.equal(scoreOf({ ...clean, rating: { mu: -100, sigma: 5 } }, settings), ratingFloor);
});

test("computationFactor, neutral or good evidence: costs nothing", () => {
  assert.deepEqual([0, 0.3, 1, -0.25, -0.5, -1].map(computationFactor), [1, 1, 1, 0.5, 0, 0]);
});
