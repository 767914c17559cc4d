import type { RoundOutcome } from "../../protocol/neuronStatus.ts";
import type { NeuronId, Round, Uid } from "../../protocol/quantities.ts";
import type { Projection } from "../projection.ts";
import { parseReport, type ReportedOf, type ReportedRow } from "../reports.ts";

/** Rows of one type of rounds `from` … `to`, with who reported them. */
export function reportsOf<Type extends ReportedRow["type"]>(
  projection: Projection,
  type: Type,
  from: Round,
  to: Round,
): { readonly neuronId: NeuronId; readonly row: ReportedOf<Type> }[] {
  return projection.reports.ofType(type, from, to).map(({ neuronId, row }) => ({
    neuronId,
    row: parseReport(row) as ReportedOf<Type>,
  }));
}

/** What validators reported of a uid in a round. */
export interface ReportedScore {
  readonly validator: NeuronId;
  readonly score: number;
  readonly penalties: readonly string[];
  readonly losses: unknown;
  readonly copyOf: NeuronId | undefined;
}

/** Scores of rounds `from` … `to` by round and uid. */
export function scoresOf(
  projection: Projection,
  from: Round,
  to: Round,
): (round: Round, uid: Uid) => readonly ReportedScore[] {
  const scores = new Map<string, ReportedScore[]>();
  for (const { neuronId: validator, row } of reportsOf(projection, "evaluation", from, to)) {
    for (const { uid, score, penalties, losses, copyOf } of row.scores) {
      const key = `${row.round} ${uid}`;
      const reasons = penalties.map(({ reason }) => reason);
      const known = scores.get(key) ?? [];
      known.push({
        ...{ validator, score, penalties: reasons, losses },
        copyOf: copyOf === undefined ? undefined : BigInt(copyOf),
      });
      scores.set(key, known);
    }
  }
  return (round, uid) => scores.get(`${round} ${uid}`) ?? [];
}

/**
 * What became of an update as shown, for rounds `from` … `to`: what the chain says, and of a gathered one `leftOut` where most of
 * those who reported the state after the round left it out. Everybody computes the same from chain and content; a report
 * is somebody's word for it.
 */
export function shownOutcomes(
  projection: Projection,
  from: Round,
  to: Round,
): (outcome: RoundOutcome, round: Round, uid: Uid) => RoundOutcome | "leftOut" {
  const reported = Map.groupBy(reportsOf(projection, "state", from + 1, to + 1), ({ row }) => row.round - 1);
  return (outcome, round, uid) => {
    const states = reported.get(round) ?? [];
    const isLeftOut = 2 * states.filter(({ row }) => row.leftOut.includes(uid)).length > states.length;
    return outcome === "gathered" && isLeftOut ? "leftOut" : outcome;
  };
}

/** The middle value, the lower of two; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Each penalty once, in alphabetical order. */
export function penaltiesOf(scores: readonly ReportedScore[]): string[] {
  return [...new Set(scores.flatMap(({ penalties }) => penalties))].sort();
}
