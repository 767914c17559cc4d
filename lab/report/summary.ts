import { type Attack, attacks } from "../attacks.ts";
import type { AttackResult } from "../result.ts";

/** Mean over seeds, with the extremes. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** All seeds of one attack at one fraction. */
export interface AttackSummary {
  readonly attack: Attack;
  readonly fraction: number;
  readonly seeds: number;
  readonly rewardPerUid: Spread;
  /** Reward per uid in the last settled epoch alone: what goes on being paid. Undefined in the economy tier. */
  readonly lastEpoch: Spread | undefined;
  /** Undefined where the attacker does no work. */
  readonly rewardPerCompute: Spread | undefined;
  readonly operatorReward: Spread;
  readonly lossDamage: Spread | undefined;
  /** Of the seeds in which it came to zero; undefined where it never did. */
  readonly roundsToZeroWeight: Spread | undefined;
  readonly honestFalsePositives: Spread;
  /** What the attack earns or damages beyond its bound, in words; empty where it stays within. */
  readonly exceeded: readonly string[];
}

/** Most that an attack may earn, by what it claims to be caught by. */
interface RewardBound {
  readonly what: string;
  readonly reward: "rewardPerUid" | "operatorReward";
  /** What would be paid without the attack, and the most on top. */
  readonly due: number;
  readonly most: number;
}

const perUid = (most: number, what = "reward per uid"): RewardBound => ({
  what,
  reward: "rewardPerUid",
  due: 0,
  most,
});

export const rewardBounds: Readonly<Record<Attack["bound"], RewardBound | undefined>> = {
  fastChecks: perUid(0.05),
  audits: perUid(0.05),
  scoring: perUid(0.1),
  operator: { what: "operator's reward", reward: "operatorReward", due: 0, most: 1.1 },
  stake: { what: "gain over the stake's share", reward: "operatorReward", due: 1, most: 0.05 },
  dividends: perUid(0.8, "dividends per stake"),
  none: undefined,
};

/** Largest damage to the held-out loss of any miner attack. */
export const damageBound = 0.02;

/** Summaries in the order of the registry; results of other fractions than the published stand on their own. */
export function summarise(results: readonly AttackResult[]): AttackSummary[] {
  return attacks.flatMap((attack) => {
    const own = results.filter(({ name }) => name === attack.name);
    const fractions = [...new Set(own.map(({ fraction }) => fraction))].sort((a, b) => a - b);
    return fractions.map((fraction) =>
      summaryOf(
        attack,
        own.filter((result) => result.fraction === fraction),
      ),
    );
  });
}

/** Attacks of the registry without a result. */
export function unplayed(results: readonly AttackResult[]): string[] {
  const played = new Set(results.map(({ name }) => name));
  return attacks.map(({ name }) => name).filter((name) => !played.has(name));
}

function summaryOf(attack: Attack, results: readonly AttackResult[]): AttackSummary {
  const of = (pick: (result: AttackResult) => number | null) => spread(results.map(pick));
  const figures = {
    rewardPerUid: of(({ rewardPerUid }) => rewardPerUid) ?? zero,
    lastEpoch: of(({ details }) => details.lastEpochRewardPerUid ?? null),
    rewardPerCompute: of(({ rewardPerCompute }) => rewardPerCompute),
    operatorReward: of(({ operatorReward }) => operatorReward) ?? zero,
    lossDamage: of(({ lossDamage }) => lossDamage),
    roundsToZeroWeight: of(({ roundsToZeroWeight }) => roundsToZeroWeight),
    honestFalsePositives: of(({ honestFalsePositives }) => honestFalsePositives) ?? zero,
  };
  const exceeded = beyond(attack, figures);
  return { attack, fraction: results[0].fraction, seeds: results.length, ...figures, exceeded };
}

/** What the means exceed. */
function beyond(
  { bound, name }: Attack,
  figures: Pick<AttackSummary, "rewardPerUid" | "operatorReward" | "lossDamage" | "honestFalsePositives">,
): string[] {
  const { lossDamage, honestFalsePositives } = figures;
  const limit = rewardBounds[bound];
  const checks: (readonly [string, number, number])[] =
    limit === undefined ? [] : [[limit.what, figures[limit.reward].mean - limit.due, limit.most]];
  if (name === "lossy") checks.push(["honest (uid, round) penalised", honestFalsePositives.mean, 0.01]);
  else if (lossDamage !== undefined) checks.push(["damage to the loss", lossDamage.mean, damageBound]);
  return checks
    .filter(([, value, limit]) => value > limit)
    .map(([what, value, limit]) => `${what} ${value.toFixed(3)} > ${limit}`);
}

const zero: Spread = { mean: 0, least: 0, most: 0 };

function spread(values: readonly (number | null)[]): Spread | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return undefined;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { mean, least: Math.min(...known), most: Math.max(...known) };
}
