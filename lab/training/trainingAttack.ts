import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attack } from "../attacks.ts";
import type { AttackResult } from "../result.ts";
import { turnsIn } from "./conducts.ts";
import { honestFigures } from "./honestFigures.ts";
import { innerSteps, parameters } from "./labRun.ts";
import { type PlayedMiner, playTraining } from "./trainingRun.ts";

/** How large a training run is. */
export interface TrainingSize {
  readonly miners: number;
  readonly validators: number;
  readonly rounds: number;
  /** Rounds of the run without attackers that counts false accusations. */
  readonly lossyRounds: number;
}

/** What the published table is made from. */
export const publishedTraining: TrainingSize = { miners: 7, validators: 2, rounds: 18, lossyRounds: 200 };

const tempo = 3;
/** Rounds in which an attacker still does what an honest miner does: no state is older than the first. */
const honestRounds: ReadonlyMap<string, number> = new Map([
  ["hit-and-run", turnsIn],
  ["stale", 1],
]);
/** Share of reads that fail in `lossy`. */
const lossShare = 0.1;

/** Plays one attack of the training tier; `fraction` of the miners attack, at least one. */
export async function runTrainingAttack(
  { name, tier }: Attack,
  fraction: number,
  seed: number,
  { miners, validators, rounds, lossyRounds }: TrainingSize,
  signal: AbortSignal,
  say: (line: string) => void = () => undefined,
): Promise<Omit<AttackResult, "seconds">> {
  const attackers = fraction === 0 ? 0 : Math.max(1, Math.round(miners * fraction));
  const behaviours = Array.from({ length: miners }, (_, index) => (index < attackers ? name : "honest"));
  if (name === "lossy") behaviours[0] = "slow";
  const dir = await mkdtemp(join(tmpdir(), "weft-lab-"));
  try {
    const played = await playTraining({
      dir,
      seed,
      rounds: name === "lossy" ? lossyRounds : rounds,
      validators,
      miners: behaviours,
      loss: name === "lossy" ? lossShare : 0,
      signal,
      say,
    });
    const attacking = played.miners.filter(({ behaviour }) => behaviour === name);
    const honest = played.miners.filter(({ behaviour }) => behaviour !== name);
    // What was earned by honest work is no gain from the attack.
    const from = Math.ceil((honestRounds.get(name) ?? 0) / tempo);
    const peer = meanOf(honest, from);
    const perUid = ratio(meanOf(attacking, from), peer);
    const compute = attacking.reduce((sum, miner) => sum + miner.compute, 0) / Math.max(1, attackers);
    const figures = honestFigures(
      played.entries,
      honest.map(({ uid }) => uid),
    );
    const theirs = honestFigures(
      played.entries,
      attacking.map(({ uid }) => uid),
    );
    const against = Object.entries(theirs.details)
      .filter(([key]) => key.startsWith("penalised."))
      .map(([key, value]) => [`attackers.${key}`, value]);
    return {
      name,
      tier,
      fraction,
      seed,
      rewardPerUid: perUid,
      rewardPerCompute: compute === 0 ? null : perUid / compute,
      operatorReward: perUid * attackers,
      lossDamage: null,
      roundsToZeroWeight: roundsToZero(attacking),
      honestFalsePositives: figures.falsePositives,
      details: {
        attackers,
        miners,
        validators,
        innerSteps,
        parameters,
        rounds: played.heldOutLoss.length - 1,
        startLoss: played.heldOutLoss[0],
        heldOutLoss: played.heldOutLoss.at(-1) ?? 0,
        wholeRewardPerUid: ratio(meanOf(attacking, 0), meanOf(honest, 0)),
        lastEpochRewardPerUid: ratio(meanOf(attacking, -1), meanOf(honest, -1)),
        // The best single uid of either side.
        bestAttacker: ratio(bestOf(attacking, from), peer),
        bestHonest: ratio(bestOf(honest, from), peer),
        ...figures.details,
        ...Object.fromEntries(against),
      },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Incentive by miner, Q32 summed over epochs from `from` on. */
function sumsOf(miners: readonly PlayedMiner[], from: number): number[] {
  return miners.map(({ incentives }) =>
    incentives.slice(from).reduce((sum, incentive) => sum + Number(incentive), 0),
  );
}

function bestOf(miners: readonly PlayedMiner[], from: number): number {
  return Math.max(0, ...sumsOf(miners, from));
}

/** Mean incentive over the miners, Q32 summed over epochs from `from` on. */
function meanOf(miners: readonly PlayedMiner[], from: number): number {
  const sums = sumsOf(miners, from);
  return sums.reduce((sum, value) => sum + value, 0) / Math.max(1, sums.length);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** End of the first settled epoch that gives the attackers nothing, in rounds. */
function roundsToZero(attacking: readonly PlayedMiner[]): number | null {
  const epochs = attacking[0]?.incentives.length ?? 0;
  for (let epoch = 0; epoch < epochs; epoch++)
    if (attacking.every(({ incentives }) => incentives[epoch] === 0n)) return (epoch + 1) * tempo;
  return null;
}
