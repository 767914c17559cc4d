import * as v from "valibot";
import type { Uid } from "../../workers/protocol/quantities.ts";

const state = v.object({ type: v.literal("state"), round: v.number(), root: v.string() });
const heldOut = v.object({ type: v.literal("heldOutLoss"), round: v.number(), loss: v.number() });
const seconds = v.object({
  train: v.number(),
  encode: v.number(),
  store: v.number(),
  transaction: v.number(),
  fetch: v.number(),
  decode: v.number(),
  idle: v.number(),
});
const round = v.object({
  type: v.literal("round"),
  round: v.number(),
  trainLoss: v.optional(v.number()),
  updateBytes: v.number(),
  seconds,
});
const evaluation = v.object({
  type: v.literal("evaluation"),
  round: v.number(),
  scores: v.array(
    v.object({
      uid: v.number(),
      score: v.number(),
      penalties: v.array(v.object({ reason: v.string(), factor: v.number() })),
    }),
  ),
});
const missed = v.object({
  type: v.picklist(["roundLost", "dutyMissed"]),
  round: v.number(),
  code: v.string(),
});

export type MinerRound = v.InferOutput<typeof round>;
export type Evaluation = v.InferOutput<typeof evaluation>;

/** What the workers published about themselves, by participant name. */
export class Observations {
  /** Root per round, by process. */
  readonly roots = new Map<number, Map<string, string>>();
  /** Nats per token by round of the state, from the first validator that measured it. */
  readonly heldOutLoss = new Map<number, number>();
  readonly minerRounds = new Map<string, MinerRound[]>();
  readonly evaluations = new Map<string, Evaluation[]>();
  /** Rounds and duties that went wrong, "CODE in round n". */
  readonly missed = new Map<string, string[]>();

  add(name: string, rows: readonly unknown[]): void {
    for (const row of rows) this.#addRow(name, row);
  }

  /** Latest score of a uid by each validator. */
  latestScores(uid: Uid): Map<string, number> {
    const scores = new Map<string, number>();
    for (const [name, list] of this.evaluations) {
      const found = list.findLast(({ scores: each }) => each.some((entry) => entry.uid === uid));
      const score = found?.scores.find((entry) => entry.uid === uid)?.score;
      if (score !== undefined) scores.set(name, score);
    }
    return scores;
  }

  /** How often each reason spoke against a uid, over all validators. */
  penaltyCounts(uid: Uid): Map<string, number> {
    const counts = new Map<string, number>();
    const entries = [...this.evaluations.values()].flat().flatMap(({ scores }) => scores);
    for (const { reason } of entries
      .filter((entry) => entry.uid === uid)
      .flatMap(({ penalties }) => penalties)) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return counts;
  }

  #addRow(name: string, row: unknown): void {
    if (v.is(state, row)) {
      const ofRound = this.roots.get(row.round) ?? new Map<string, string>();
      this.roots.set(row.round, ofRound.set(name, row.root));
    } else if (v.is(heldOut, row)) {
      if (!this.heldOutLoss.has(row.round)) this.heldOutLoss.set(row.round, row.loss);
    } else if (v.is(round, row)) {
      append(this.minerRounds, name, row);
    } else if (v.is(evaluation, row)) {
      append(this.evaluations, name, row);
    } else if (v.is(missed, row)) {
      append(this.missed, name, `${row.code} in round ${row.round}`);
    }
  }
}

function append<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [value]);
  else list.push(value);
}
