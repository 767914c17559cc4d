import assert from "node:assert/strict";
import { test } from "node:test";
import { economySize, playingTime, trainingSize } from "../../../lab/report/sizes.ts";
import type { AttackResult } from "../../../lab/result.ts";

const result = (name: string, seed: number, details: Record<string, number>): AttackResult => ({
  name,
  tier: details.uids === undefined ? "training" : "economy",
  fraction: 0.3,
  seed,
  rewardPerUid: 0,
  rewardPerCompute: null,
  operatorReward: 0,
  lossDamage: null,
  roundsToZeroWeight: null,
  honestFalsePositives: 0,
  seconds: 1,
  details,
});
const training = { miners: 5, validators: 3, rounds: 9, innerSteps: 4, parameters: 1234 };

test("trainingSize, economySize, results: what they say of themselves, rounds of the long run apart", () => {
  const results = [
    result("noise", 1, training),
    result("noise", 2, training),
    result("lossy", 1, { ...training, rounds: 70 }),
    result("cabal-20", 1, { uids: 64, validators: 16, epochs: 10, tempo: 12, churn: 0.05 }),
  ];
  const long = "9 rounds of 4 inner steps (`lossy`: 70 rounds)";
  assert.equal(
    trainingSize(results),
    `5 miners, 3 validators, ${long}, 1,234 parameters, 1 to 2 seeds a row`,
  );
  assert.equal(
    economySize(results),
    "64 uids, of them 16 validators, 10 epochs of 12 rounds, a share of 0.05 of the miners replaced per epoch, 1 seed a row",
  );
});

test("trainingSize, results of different sizes, or none: all of them, or unknown", () => {
  const mixed = [result("noise", 1, training), result("zero", 1, { ...training, rounds: 12 })];
  assert.match(trainingSize(mixed), /^5 miners, 3 validators, 9 or 12 rounds/);
  assert.match(economySize(mixed), /^unknown uids, .* no result$/);
});

test("playingTime, results: the sum of their seconds, and half of it", () => {
  const results = [1, 2, 3].map((seed) => ({ ...result("noise", seed, training), seconds: 200 }));
  assert.equal(playingTime(results), "3 plays of 10 minutes in all, two at a time: 5 minutes");
});
