import { auditFailed } from "../../workers/evaluation/audit.ts";
import type { RoundEntry } from "../../workers/evaluation/evaluationLog.ts";
import { improvement } from "../../workers/evaluation/lossScore.ts";
import type { Uid } from "../../workers/protocol/quantities.ts";

/** What validators found of honest miners, and how their scores scatter. */
export interface HonestFigures {
  /** Share of (uid, round, validator) in which something was held against the miner. */
  readonly falsePositives: number;
  readonly details: Readonly<Record<string, number>>;
}

/**
 * Penalties and failed audits by reason as a share of all triples, and the scatter that the economy tier is modelled on:
 * each figure relative to the mean improvement of the round on random text.
 */
export function honestFigures(entries: readonly RoundEntry[], uids: readonly Uid[]): HonestFigures {
  const honest = new Set(uids);
  const byReason = new Map<string, number>();
  let [triples, penalised] = [0, 0];
  const between: number[] = [];
  const advantages: number[] = [];
  const means: number[] = [];
  const byUpdate = new Map<string, number[]>();
  for (const { round, neurons } of entries) {
    const ours = neurons.filter(({ uid }) => honest.has(uid));
    for (const { penalties, audit } of ours) {
      triples += 1;
      const reasons: string[] = penalties.map(({ reason }) => reason);
      if (audit != null && auditFailed(audit)) reasons.push(`audit.${audit.reason}`);
      if (reasons.length > 0) penalised += 1;
      for (const reason of reasons) byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
    }
    const measured = ours.flatMap(({ uid, losses }) =>
      losses === null ? [] : [{ uid, random: improvement(losses.random), own: improvement(losses.own) }],
    );
    const mean = average(measured.map(({ random }) => random));
    if (measured.length < 2 || mean <= 0) continue;
    means.push(mean);
    between.push(deviation(measured.map(({ random }) => random / mean)));
    for (const { uid, random, own } of measured) {
      advantages.push((own - random) / mean);
      const key = `${round} ${uid}`;
      byUpdate.set(key, [...(byUpdate.get(key) ?? []), random / mean]);
    }
  }
  const repeated = [...byUpdate.values()].filter((values) => values.length > 1);
  const shares = [...byReason].map(([reason, count]) => [`penalised.${reason}`, count / triples]);
  return {
    falsePositives: penalised / Math.max(1, triples),
    details: {
      ...Object.fromEntries(shares),
      improvement: average(means),
      betweenUpdates: average(between),
      betweenValidators: average(repeated.map(deviation)),
      ownAdvantage: average(advantages),
      ownDeviation: deviation(advantages),
    },
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = average(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
