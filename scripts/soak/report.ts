import { columns } from "../format.ts";
import type { SoakFacts, Violation } from "./findings.ts";
import { mostGrowth, settledSeconds } from "./memory.ts";
import type { SoakOptions } from "./options.ts";

/** What a soak came to; `--json` writes it. */
export interface SoakReport {
  readonly minutes: number;
  readonly seed: string;
  readonly roundSeconds: number;
  /** States compared, by round. */
  readonly rounds: number;
  /** Rounds in which updates were gathered. */
  readonly roundsAdvanced: number;
  readonly epochsSettled: number;
  readonly kills: number;
  readonly workers: readonly WorkerReport[];
  /** Rounds and duties that somebody missed: what kills cost. */
  readonly missed: number;
  readonly violations: readonly Violation[];
}

export interface WorkerReport {
  readonly name: string;
  readonly kills: number;
  readonly missed: number;
  /** Of each process that was there at the end or lived for ten minutes. Megabytes. */
  readonly memory: readonly {
    readonly minutes: number;
    readonly yardstickMB: number | null;
    readonly own: boolean;
    readonly endMB: number;
  }[];
}

export interface SoakCounts {
  readonly kills: ReadonlyMap<string, number>;
  readonly missed: ReadonlyMap<string, readonly string[]>;
  readonly roundSeconds: number;
}

export function reportOf(
  { minutes, seed }: SoakOptions,
  facts: SoakFacts,
  found: readonly Violation[],
  { kills, missed, roundSeconds }: SoakCounts,
): SoakReport {
  const workers = facts.workers.map((name) => ({
    name,
    kills: kills.get(name) ?? 0,
    missed: missed.get(name)?.length ?? 0,
    memory: facts.memory
      .filter((verdict) => verdict.name === name)
      .map(({ seconds, yardstick, own, end }) => ({
        minutes: seconds / 60,
        yardstickMB: yardstick === undefined ? null : yardstick / 1e6,
        own,
        endMB: end / 1e6,
      })),
  }));
  return {
    minutes,
    seed,
    roundSeconds,
    rounds: facts.lastRound,
    roundsAdvanced: facts.gatheredRounds.size,
    epochsSettled: facts.settledEpochs.size,
    kills: workers.reduce((sum, worker) => sum + worker.kills, 0),
    workers,
    missed: workers.reduce((sum, worker) => sum + worker.missed, 0),
    violations: found,
  };
}

/** The same for people. */
export function tableLines(report: SoakReport): string[] {
  const rows = report.workers.flatMap(({ name, kills, missed, memory }) =>
    memory.map(({ minutes, yardstickMB, own, endMB }, index) => [
      index === 0 ? name : "",
      index === 0 ? String(kills) : "",
      index === 0 ? String(missed) : "",
      minutes.toFixed(1),
      yardstickMB === null ? "–" : `${yardstickMB.toFixed(0)}${own ? "" : " (role)"}`,
      endMB.toFixed(0),
      yardstickMB === null ? "not judged" : (endMB / yardstickMB).toFixed(2),
    ]),
  );
  const header = ["worker", "kills", "missed", "minutes", "MB settled", "MB at the end", "ratio"];
  return [
    "",
    `${report.rounds} rounds of ${report.roundSeconds} s, updates gathered in ${report.roundsAdvanced}; ${report.epochsSettled} epochs settled; ${report.kills} kills`,
    `memory settled: at an age of ${settledSeconds / 60} minutes; at most ${mostGrowth} times that at the end`,
    "",
    ...columns([header, ...rows], [1, 2, 3, 4, 5, 6]),
    "",
    ...(report.violations.length === 0
      ? ["no violation"]
      : report.violations.map(({ code, text }) => `${code}: ${text}`)),
  ];
}
