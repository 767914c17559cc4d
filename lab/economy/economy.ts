import { defaultRunSettings } from "../../workers/model/defaults.ts";
import type { Uid } from "../../workers/protocol/quantities.ts";
import {
  ONE,
  settleYuma,
  type YumaInput,
  type YumaParameters,
  type YumaResult,
} from "../../workers/protocol/yuma.ts";
import { drawsOf } from "../random.ts";
import { Judge, type ScoringManifest } from "./judge.ts";
import { Market } from "./market.ts";
import { measuredNoise } from "./noise.ts";
import { honest, type ValidatorStrategy } from "./strategies.ts";

/** Validators hold the first uids, miners the others. */
export interface EconomySettings {
  readonly uids: number;
  readonly validators: number;
  readonly epochs: number;
  /** Rounds of an epoch. */
  readonly tempo: number;
  readonly seed: string;
  /** Share of working miners that are replaced at each epoch's start. */
  readonly churn: number;
  /** Attacking validators: the last ones by uid. */
  readonly attackers: number;
  /** Their share of all stake. */
  readonly stakeShare: number;
  readonly strategy: ValidatorStrategy;
  /** Idle miners of the attackers' operator. */
  readonly friends: number;
}

/** One settled epoch. */
export interface SettledEpoch {
  readonly epoch: number;
  readonly input: YumaInput;
  readonly result: YumaResult;
}

/** What the whole economy paid, as shares of the pots of all epochs. */
export interface EconomyOutcome {
  readonly attackerDividends: number;
  readonly honestDividends: number;
  readonly friendIncentive: number;
  /** Per working miner. */
  readonly meanIncentive: number;
  readonly honestFalsePositives: number;
  /** Rounds after which consensus first gave every friend nothing; null while it did not. */
  readonly roundsToZeroWeight: number | null;
}

/** Of a billionth of all stake: a million WEFT in all. */
const stakeUnit = 10n ** 15n;
/** Consensus parameters of the local profile. */
export const yumaParameters: YumaParameters = {
  kappaU16: 32_767,
  bondsMovingAverageMillionths: 900_000,
  bondsPenalty: 1,
};

/** Scoring of the default run, with seats for a network of 256 uids. */
export function economyManifest(): ScoringManifest {
  const { scoring, outer } = defaultRunSettings(100);
  return { scoring: { ...scoring, sampleSize: 20, newcomerSeats: 4 }, outer: { ...outer, gatherSize: 20 } };
}

/**
 * Plays an economy: the workers' evaluation, rating, penalties and rows by every validator, settled by the workers' twin
 * of the contracts. Rewards of the first epochs, before anybody has two evaluations, count as well.
 * @param onSettled after each epoch, e.g. to settle the same rows on the contracts
 */
export async function playEconomy(
  settings: EconomySettings,
  signal: AbortSignal,
  onSettled: (settled: SettledEpoch) => Promise<void> = async () => undefined,
): Promise<EconomyOutcome> {
  const { uids, validators, epochs, tempo, seed, churn, attackers, strategy } = settings;
  const manifest = economyManifest();
  const minerUids = Array.from({ length: uids - validators }, (_, index) => validators + index);
  const friends = minerUids.slice(minerUids.length - settings.friends);
  const market = new Market(minerUids, new Set(friends), BigInt(validators + 1), measuredNoise, seed);
  const judges = Array.from({ length: validators }, (_, validator) => new Judge(validator, manifest, seed));
  const isAttacker = (validator: number) => validator >= validators - attackers;
  // Who never looks at its own evaluation makes none.
  const working = judges.filter((_, validator) => !isAttacker(validator) || strategy.compute > 0);
  const stake = economyStakes(settings);
  const sums = { attackers: 0, honest: 0, friends: 0, workers: 0 };
  let last: SettledEpoch | undefined;
  let previousOwn: (readonly number[])[] = [];
  let replaced: readonly Uid[] = [];
  let zeroAfter: number | null = null;

  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let round = epoch * tempo; round < (epoch + 1) * tempo; round++) {
      signal.throwIfAborted();
      const worths = market.worths();
      for (const judge of working) await judge.evaluate(market, worths, round, epoch, signal);
    }
    const own = judges.map((judge) => judge.row(market, uids));
    const rows = own.map((ownRow, validator) =>
      (isAttacker(validator) ? strategy : honest).row({
        epoch,
        columns: uids,
        ownRow,
        ownPreviousRow: previousOwn[validator],
        previousConsensus: last?.result.consensus,
        friends,
      }),
    );
    const input: YumaInput = {
      stake: stake.map((amount, validator) => (rows[validator] === undefined ? 0n : amount)),
      weights: rows.map((row, validator) => without(row ?? new Array(uids).fill(0), [validator])),
      previousBonds: (last?.result.bonds ?? rows.map(() => new Array(uids).fill(0))).map((bonds) =>
        without(bonds, replaced),
      ),
    };
    last = { epoch, input, result: settleYuma(input, yumaParameters) };
    await onSettled(last);
    const { dividends, incentive } = last.result;
    for (const [validator, share] of dividends.entries())
      sums[isAttacker(validator) ? "attackers" : "honest"] += Number(share) / Number(ONE);
    for (const uid of minerUids)
      sums[friends.includes(uid) ? "friends" : "workers"] += Number(incentive[uid]) / Number(ONE);
    const nothing = friends.every((uid) => incentive[uid] === 0n);
    if (zeroAfter === null && nothing && friends.length > 0) zeroAfter = (epoch + 1) * tempo;
    previousOwn = own;
    replaced = market.churn(epoch + 1, churn);
  }
  const blames = judges.filter((_, validator) => !isAttacker(validator)).map(({ blame }) => blame);
  const total = (key: "pairs" | "penalised") => blames.reduce((sum, blame) => sum + blame[key], 0);
  return {
    attackerDividends: sums.attackers / epochs,
    honestDividends: sums.honest / epochs,
    friendIncentive: sums.friends / epochs,
    meanIncentive: sums.workers / epochs / (minerUids.length - friends.length),
    honestFalsePositives: total("penalised") / Math.max(1, total("pairs")),
    roundsToZeroWeight: zeroAfter,
  };
}

/** Wei per validator: unequal within each camp, the attackers' together `stakeShare` of all. */
export function economyStakes({
  validators,
  attackers,
  stakeShare,
  seed,
}: Pick<EconomySettings, "validators" | "attackers" | "stakeShare" | "seed">): bigint[] {
  const draws = drawsOf(`${seed}/stakes`);
  const parts = Array.from({ length: validators }, () => 0.5 + draws.uniform());
  const camp = (from: number, to: number) => parts.slice(from, to).reduce((sum, part) => sum + part, 0);
  const first = validators - attackers;
  const [others, theirs] = [camp(0, first), camp(first, validators)];
  return parts.map((part, validator) => {
    const share = validator < first ? (part / others) * (1 - stakeShare) : (part / theirs) * stakeShare;
    return BigInt(Math.round(share * 1e9)) * stakeUnit;
  });
}

function without(values: readonly number[], uids: readonly Uid[]): number[] {
  const kept = [...values];
  for (const uid of uids) kept[uid] = 0;
  return kept;
}
