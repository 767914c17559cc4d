import assert from "node:assert/strict";
import { test } from "node:test";
import { type SimulatedMiner, simulate } from "./quadraticRun.ts";

const tempo = 3;
const rounds = 20;

/** Uids deliberately in no order of behaviour. */
const mixed: SimulatedMiner[] = [
  { neuronId: 11n, uid: 4, behaviour: "honest" },
  { neuronId: 12n, uid: 1, behaviour: "copycat" },
  { neuronId: 13n, uid: 5, behaviour: "honest" },
  { neuronId: 14n, uid: 2, behaviour: "honest" },
  { neuronId: 15n, uid: 0, behaviour: "noise" },
  { neuronId: 16n, uid: 3, behaviour: "honest" },
];

function uidsOf(miners: readonly SimulatedMiner[], honest: boolean): number[] {
  const chosen = miners.filter(({ behaviour }) => (behaviour === "honest") === honest);
  return chosen.map(({ uid }) => uid).sort();
}

test("evaluateRound, 4 honest miners, a copycat and noise: only honest ones get weight, from the first epoch on", async () => {
  for (const seed of [1, 2, 3]) {
    const results = await simulate(mixed, rounds, seed);
    for (const [round, { weights, entry }] of results.entries()) {
      if (round < tempo - 1) continue;
      const honest = uidsOf(mixed, true).map((uid) => weights[uid]);
      const others = uidsOf(mixed, false).map((uid) => weights[uid]);
      assert.deepEqual(others, [0, 0], `seed ${seed} round ${round}`);
      assert.ok(Math.min(...honest) > 0, `seed ${seed} round ${round}: ${honest}`);
      assert.ok(Math.max(...honest) <= 2 * Math.min(...honest), `seed ${seed} round ${round}: ${honest}`);
      const blamed = entry.neurons.filter(({ penalties }) => penalties.length > 0).map(({ uid }) => uid);
      assert.deepEqual(blamed, uidsOf(mixed, false), `seed ${seed} round ${round}`);
    }
  }
});

test("evaluateRound, honest miners alone: each has a share from the second evaluation on, within a factor of 2", async () => {
  const miners = mixed.filter(({ behaviour }) => behaviour === "honest");
  const results = await simulate(miners, rounds, 7, 4);
  for (const [round, { weights }] of results.entries()) {
    if (round < 1) continue;
    const shares = uidsOf(miners, true).map((uid) => weights[uid]);
    assert.ok(Math.max(...shares) <= 2 * Math.min(...shares), `round ${round}: ${shares}`);
    assert.ok(Math.min(...shares) > 0, `round ${round}: ${shares}`);
  }
});

test("evaluateRound, a miner that joins late: a score after its second evaluation", async () => {
  const late: SimulatedMiner = { neuronId: 20n, uid: 6, behaviour: "honest", from: 10 };
  const results = await simulate([...mixed, late], 13, 5);
  assert.equal(results[9].scores[6], 0);
  assert.equal(results[10].scores[6], 0);
  assert.ok(results[11].scores[6] > 0);
  assert.ok(results[11].weights[6] > 0);
});

test("evaluateRound, uids and neuronIds renamed: the same scores for the same behaviours", async () => {
  const renamed = mixed.map((miner, index) => ({
    ...miner,
    uid: (miner.uid + 3) % 6,
    neuronId: BigInt(90 - index),
  }));
  const before = await simulate(mixed, 6, 9);
  const after = await simulate(renamed, 6, 9);
  const rank = (miners: readonly SimulatedMiner[], scores: readonly number[]) =>
    miners.map(({ uid }, index) => ({ index, positive: scores[uid] > 0 })).filter(({ positive }) => positive);
  assert.deepEqual(rank(mixed, before[5].scores), rank(renamed, after[5].scores));
});
