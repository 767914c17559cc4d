import { roundStart } from "../../protocol/clock.ts";
import type { Round } from "../../protocol/quantities.ts";
import type { RoundRow, RoundsPage } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import type { ReportedOf } from "../reports.ts";
import { median, reportsOf } from "./scores.ts";

const shownRounds = 200;
/** Rounds of one answer. */
const mostRounds = 2_000;

/** Rounds that began, ascending; the last ones where `from` and `to` are absent. */
export function roundsView({ projection, run, now }: ProjectedRun, from?: Round, to?: Round): RoundsPage {
  if (now === undefined) return { rounds: [] };
  const last = Math.min(to ?? now.round, now.round);
  const first = Math.max(from ?? last - shownRounds + 1, last - mostRounds + 1, 0);
  const counts = new Map(projection.roundCounts(first, last).map((row) => [row.round, row]));
  const losses = grouped(reportsOf(projection, "heldOutLoss", first, last), ({ loss }) => loss);
  const worked = grouped(reportsOf(projection, "round", first, last), (row) => row);
  const rounds: RoundRow[] = [];
  let revealsBefore = projection.roundCounts(0, first - 1).reduce((sum, { reveals }) => sum + reveals, 0);
  for (let round = first; round <= last; round++) {
    const { commits = 0, reveals = 0, attestations = 0, bytes = 0 } = counts.get(round) ?? {};
    const rows = worked.get(round) ?? [];
    rounds.push({
      round,
      start: roundStart(run.contracts.clock, round),
      ...{ commits, reveals, revealsBefore, attestations, bytes },
      heldOutLoss: median(losses.get(round) ?? []),
      trainLoss: median(rows.flatMap(({ trainLoss }) => trainLoss ?? [])),
      seconds: rows.length === 0 ? null : medianSeconds(rows),
    });
    revealsBefore += reveals;
  }
  return { rounds };
}

function grouped<Row extends { readonly round: Round }, Value>(
  reports: readonly { readonly row: Row }[],
  toValue: (row: Row) => Value,
): Map<Round, Value[]> {
  const groups = new Map<Round, Value[]>();
  for (const { row } of reports) {
    const group = groups.get(row.round) ?? [];
    group.push(toValue(row));
    groups.set(row.round, group);
  }
  return groups;
}

function medianSeconds(rows: readonly ReportedOf<"round">[]): Record<string, number> {
  const parts = [...new Set(rows.flatMap(({ seconds }) => Object.keys(seconds)))].sort();
  return Object.fromEntries(
    parts.map((part) => [part, median(rows.map(({ seconds }) => seconds[part] ?? 0)) ?? 0]),
  );
}
