import { systemClock } from "../workers/runtime/clock.ts";
import { attackOf } from "./attacks.ts";
import { publishedEconomy, runEconomyAttack } from "./economy/economyAttack.ts";
import type { AttackResult } from "./result.ts";
import { publishedTraining, runTrainingAttack } from "./training/trainingAttack.ts";

/**
 * The economy that the contracts settle too, every 20th epoch: validators come and go there, so that rows are missing.
 * Registering everybody takes longer than all epochs; the other economies are the twin's alone.
 */
const settledOnContracts = { name: "permit-churn", seed: 1, every: 20 };

/** Plays one attack with one seed at the published size. @throws FatalError `UNKNOWN_ATTACK` */
export async function playAttack(
  name: string,
  fraction: number,
  seed: number,
  signal: AbortSignal,
): Promise<AttackResult> {
  const attack = attackOf(name);
  const started = systemClock.now();
  const onContracts = name === settledOnContracts.name && seed === settledOnContracts.seed;
  const economy = { ...publishedEconomy, settleEvery: onContracts ? settledOnContracts.every : 0 };
  const result =
    attack.tier === "economy"
      ? await runEconomyAttack(attack, fraction, seed, economy, signal)
      : await runTrainingAttack(attack, fraction, seed, publishedTraining, signal);
  return { ...result, seconds: Math.round((systemClock.now() - started) / 1000) };
}
