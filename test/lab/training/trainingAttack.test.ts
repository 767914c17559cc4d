import assert from "node:assert/strict";
import { test } from "node:test";
import { attackOf } from "../../../lab/attacks.ts";
import { runTrainingAttack } from "../../../lab/training/trainingAttack.ts";

test("runTrainingAttack, two honest miners and one that offers nothing new in 6 rounds: it is paid nothing, and why is in the details", async () => {
  const size = { miners: 3, validators: 1, rounds: 6, lossyRounds: 6 };
  const result = await runTrainingAttack(attackOf("zero"), 0.3, 1, size, new AbortController().signal);
  const { rewardPerUid, rewardPerCompute, operatorReward, roundsToZeroWeight, details } = result;
  assert.deepEqual([rewardPerUid, rewardPerCompute, operatorReward, roundsToZeroWeight], [0, null, 0, 3]);
  assert.deepEqual([details.attackers, details.rounds, details.bestAttacker], [1, 6, 0]);
  assert.ok(details["attackers.penalised.negative"] > 0.5, JSON.stringify(details));
  assert.ok(details.bestHonest >= 1);
});
