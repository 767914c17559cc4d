import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attackOf } from "../../../lab/attacks.ts";
import { type EconomySettings, economyStakes, playEconomy } from "../../../lab/economy/economy.ts";
import { runEconomyAttack } from "../../../lab/economy/economyAttack.ts";
import { cabalMember, honest, permitChurner, weightCopier } from "../../../lab/economy/strategies.ts";

const signal = new AbortController().signal;
const small: EconomySettings = {
  uids: 24,
  validators: 8,
  epochs: 6,
  tempo: 3,
  seed: "test",
  churn: 0.05,
  attackers: 2,
  stakeShare: 0.25,
  strategy: honest,
  friends: 0,
};

test("playEconomy, nobody attacks: dividends follow the stake, nothing is paid twice", async () => {
  const { attackerDividends, honestDividends } = await playEconomy(small, signal);
  assert.ok(Math.abs(attackerDividends / honestDividends / (0.25 / 0.75) - 1) < 0.2);
  assert.ok(attackerDividends + honestDividends <= 1 + 1e-9);
});

test("playEconomy, the same seed twice: the same figures; another seed: others", async () => {
  const first = await playEconomy(small, signal);
  assert.deepEqual(await playEconomy(small, signal), first);
  assert.notDeepEqual(await playEconomy({ ...small, seed: "other" }, signal), first);
});

test("playEconomy, a cabal below and above kappa: its idle uids get nothing, then everything", async () => {
  const cabal = { ...small, strategy: cabalMember, friends: 2 };
  const below = await playEconomy({ ...cabal, attackers: 3, stakeShare: 0.49 }, signal);
  assert.deepEqual([below.friendIncentive, below.roundsToZeroWeight], [0, 3]);
  const above = await playEconomy({ ...cabal, attackers: 4, stakeShare: 0.55 }, signal);
  assert.ok(above.friendIncentive > 0.99, `${above.friendIncentive}`);
});

test("economyStakes, any shares: the attackers' part is theirs to a millionth", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.integer({ min: 1, max: 7 }),
      (share, attackers) => {
        const stakes = economyStakes({ validators: 8, attackers, stakeShare: share, seed: `${share}` });
        const sum = (part: readonly bigint[]) => Number(part.reduce((total, stake) => total + stake, 0n));
        assert.ok(Math.abs(sum(stakes.slice(8 - attackers)) / sum(stakes) - share) < 1e-6);
      },
    ),
  );
});

test("strategies, what they may know: a copier is silent before the first settlement, a churner every other epoch", () => {
  const view = {
    epoch: 1,
    columns: 3,
    ownRow: [1, 2, 3],
    ownPreviousRow: undefined,
    previousConsensus: undefined,
    friends: [2],
  };
  assert.deepEqual(weightCopier.row(view), [0, 0, 0]);
  assert.deepEqual(weightCopier.row({ ...view, previousConsensus: [1n, 0n, 1n] }), [32_767, 0, 32_767]);
  assert.equal(permitChurner.row(view), undefined);
  assert.deepEqual(cabalMember.row(view), [0, 0, 65_535]);
});

test("runEconomyAttack, small, with a validator that comes and goes: the contracts settle the same to the bit", async () => {
  const size = { uids: 9, validators: 3, epochs: 3, tempo: 3, settleEvery: 1 };
  const result = await runEconomyAttack(attackOf("permit-churn"), 0.1, 1, size, signal);
  assert.equal(result.details.epochsComparedWithContracts, 3);
  assert.deepEqual([result.lossDamage, result.tier, result.fraction], [null, "economy", 0.1]);
});
