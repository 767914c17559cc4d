import type { Projection } from "../../workers/projector/projection.ts";
import { shape256 } from "./shape.ts";

const reportingMiners = 16;
const reportingValidators = 4;
/** Evaluations of so many rounds at the end. */
const evaluatedRounds = 100;
const scored = 32;

/** What workers of the made-up run would have reported: losses and seconds of every round, evaluations of the last. */
export function inventReports({ reports }: Projection, rounds: number): void {
  const { validators } = shape256;
  const take = (uid: number, rows: readonly { readonly type: string; readonly round: number }[]) =>
    reports.take(
      `0x${(uid + 1).toString(16).padStart(40, "a")}`,
      BigInt(uid + 1),
      1,
      rows.map((row) => ({ ...row, row: JSON.stringify(row) })),
    );
  const all = Array.from({ length: rounds }, (_, round) => round);
  const lossAt = (round: number, uid: number) =>
    2.1 + 3.4 * Math.exp(-round / 200) + 0.02 * Math.sin(round * 12.9898 + uid);
  for (let uid = 0; uid < reportingValidators; uid++) {
    const losses = all.map((round) => ({ type: "heldOutLoss", round, loss: lossAt(round, uid) }));
    const evaluations = all.slice(-evaluatedRounds).map((round) => ({
      type: "evaluation",
      round,
      scores: Array.from({ length: scored }, (_, index) => ({
        uid: validators + ((round + index) % 192),
        score: 10 + Math.sin(round + index),
        penalties: index === 0 ? [{ reason: "copy", factor: 0 }] : [],
        losses: { own: { before: 2.9, after: 2.81 }, random: { before: 2.95, after: 2.9 } },
      })),
    }));
    take(uid, [...losses, ...evaluations]);
  }
  const seconds = { train: 8, encode: 0.4, store: 0.2, transaction: 0.6, fetch: 0.3, decode: 0.1, idle: 6 };
  for (let uid = validators; uid < validators + reportingMiners; uid++) {
    take(
      uid,
      all.map((round) => ({
        ...{ type: "round", round, updateBytes: 6_800, seconds },
        trainLoss: lossAt(round, uid),
      })),
    );
  }
}
