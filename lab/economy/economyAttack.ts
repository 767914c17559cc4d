import { FatalError } from "../../workers/protocol/errors.ts";
import type { Attack } from "../attacks.ts";
import type { AttackResult } from "../result.ts";
import { openContractSettlement } from "./contractSettlement.ts";
import { type EconomySettings, economyStakes, playEconomy } from "./economy.ts";
import {
  cabalMember,
  lazy,
  permitChurner,
  selfDealer,
  type ValidatorStrategy,
  weightCopier,
} from "./strategies.ts";

/** How large an economy is played. */
export interface EconomySize extends Pick<EconomySettings, "uids" | "validators" | "epochs" | "tempo"> {
  /** Every so many epochs the rows are settled on the contracts too; never where 0. */
  readonly settleEvery: number;
}

/** What the published table is made from. */
export const publishedEconomy: EconomySize = {
  uids: 128,
  validators: 32,
  epochs: 60,
  tempo: 12,
  settleEvery: 0,
};

/** Share of the working miners replaced per epoch. */
const usualChurn = 0.05;
/** The same where an attack lives on miners staying who they are: what it earns when they change. */
const livelyChurn = 0.25;
/** Idle uids of an attack that rewards itself. */
const friends = 4;

interface Kind {
  readonly strategy: ValidatorStrategy;
  readonly friends: number;
  readonly churn: number;
}

const strategies: ReadonlyMap<string, Kind> = new Map([
  ["weight-copier", { strategy: weightCopier, friends: 0, churn: livelyChurn }],
  ["weight-copier-calm", { strategy: weightCopier, friends: 0, churn: usualChurn }],
  ["lazy-validator", { strategy: lazy, friends: 0, churn: livelyChurn }],
  ["lazy-validator-calm", { strategy: lazy, friends: 0, churn: usualChurn }],
  ["self-dealer", { strategy: selfDealer, friends: 1, churn: usualChurn }],
  ["permit-churn", { strategy: permitChurner, friends: 0, churn: usualChurn }],
  ["cabal", { strategy: cabalMember, friends, churn: usualChurn }],
]);

/** Plays one attack of the economy tier. `fraction` is the attackers' share of the stake, in (0, 1). */
export async function runEconomyAttack(
  { name, tier }: Attack,
  fraction: number,
  seed: number,
  size: EconomySize,
  signal: AbortSignal,
): Promise<Omit<AttackResult, "seconds">> {
  const kind = strategies.get(name.replace(/^cabal-\d+$/, "cabal"));
  if (kind === undefined)
    throw new FatalError("ATTACK_WITHOUT_STRATEGY", `${name} is played by no validator`, { data: { name } });
  const attackers = Math.min(size.validators - 1, Math.max(1, Math.round(size.validators * fraction)));
  const settings = { ...size, ...kind, seed: `${name}/${seed}`, attackers, stakeShare: fraction };
  const contracts =
    size.settleEvery > 0
      ? await openContractSettlement(size.uids, economyStakes(settings), signal)
      : undefined;
  let compared = 0;
  const outcome = await playEconomy(settings, signal, async (settled) => {
    if (contracts === undefined || settled.epoch % size.settleEvery !== 0) return;
    await contracts.settle(settled);
    compared += 1;
  });
  // What the same stake would have got by weighing honestly: its part of all dividends.
  const perStake = outcome.attackerDividends / fraction;
  const honestPerStake = outcome.honestDividends / (1 - fraction);
  const relative = honestPerStake === 0 ? 0 : perStake / honestPerStake;
  return {
    name,
    tier,
    fraction,
    seed,
    rewardPerUid: relative,
    rewardPerCompute: kind.strategy.compute === 0 ? null : relative / kind.strategy.compute,
    operatorReward: (outcome.attackerDividends + outcome.friendIncentive) / fraction,
    lossDamage: null,
    roundsToZeroWeight: outcome.roundsToZeroWeight,
    honestFalsePositives: outcome.honestFalsePositives,
    details: {
      uids: size.uids,
      validators: size.validators,
      epochs: size.epochs,
      tempo: size.tempo,
      churn: kind.churn,
      epochsComparedWithContracts: compared,
      attackers,
      attackerDividends: outcome.attackerDividends,
      friendIncentive: outcome.friendIncentive,
    },
  };
}
