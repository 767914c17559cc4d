import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lossesIn,
  rowFrom,
  statesAfter,
  statesBeforeIn,
  withinTolerance,
} from "../../../workers/evaluation/logChecks.ts";
import { packRow } from "../../../workers/protocol/weights.ts";
import { type SimulatedMiner, settings, simulate } from "./quadraticRun.ts";

const miners: SimulatedMiner[] = [
  { neuronId: 3n, uid: 0, behaviour: "honest" },
  { neuronId: 4n, uid: 1, behaviour: "copycat" },
  { neuronId: 5n, uid: 2, behaviour: "honest" },
];

test("statesAfter and statesBeforeIn, entries of rounds in a row: one begins where the other ended", async () => {
  const rounds = await simulate(miners, 3, 4);
  for (const [index, { entry, states }] of rounds.entries()) {
    assert.deepEqual(statesAfter(entry), states, `round ${index}`);
    if (index > 1) assert.deepEqual(statesBeforeIn(entry), rounds[index - 1].states, `round ${index}`);
  }
});

test("lossesIn, an entry: of all that were evaluated but those left out", async () => {
  const [, { entry }] = await simulate(miners, 2, 4);
  assert.deepEqual([...lossesIn(entry, new Set()).keys()], [3n, 5n]);
  assert.deepEqual([...lossesIn(entry, new Set([3n])).keys()], [5n]);
});

test("rowFrom, states after the last round: the row of the weights; columns beyond the last weight change nothing", async () => {
  const last = (await simulate(miners, 4, 4)).at(-1);
  assert.ok(last !== undefined);
  const manifest = {
    scoring: settings,
    outer: { learningRate: 1, gatherSize: 6, averaging: "gathered" },
  } as const;
  const neurons = new Map(miners.map(({ neuronId, uid }) => [neuronId, uid]));
  const { row, weights } = rowFrom(statesAfter(last.entry), neurons, 3, manifest);
  assert.deepEqual(weights, last.weights);
  assert.equal(row, packRow(last.weights));
  assert.equal(rowFrom(statesAfter(last.entry), neurons, 9, manifest).row, row);
});

test("withinTolerance, losses on both sides of it", () => {
  const losses = (own: number) => ({ own: { before: 2, after: own }, random: { before: 3, after: 3 } });
  assert.ok(withinTolerance(losses(2), losses(2 * (1 + 9e-7)), 1e-6));
  assert.ok(!withinTolerance(losses(2), losses(2 * (1 + 2e-6)), 1e-6));
  assert.ok(!withinTolerance(losses(2), losses(2 * (1 - 2e-6)), 1e-6));
});
