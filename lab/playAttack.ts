import { systemClock } from "../workers/runtime/clock.ts";
import { attackOf } from "./attacks.ts";
import { publishedEconomy, runEconomyAttack } from "./economy/economyAttack.ts";
import type { AttackResult } from "./result.ts";
import { publishedTraining, runTrainingAttack } from "./training/trainingAttack.ts";

/** Plays one attack with one seed at the published size. @throws FatalError `UNKNOWN_ATTACK` */
export async function playAttack(
  name: string,
  fraction: number,
  seed: number,
  signal: AbortSignal,
): Promise<AttackResult> {
  const attack = attackOf(name);
  const started = systemClock.now();
  const result =
    attack.tier === "economy"
      ? await runEconomyAttack(attack, fraction, seed, publishedEconomy, signal)
      : await runTrainingAttack(attack, fraction, seed, publishedTraining, signal);
  return { ...result, seconds: Math.round((systemClock.now() - started) / 1000) };
}
