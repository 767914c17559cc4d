import * as v from "valibot";
import type { Hex } from "viem";
import { overlap } from "../codec/overlap.ts";
import { product } from "../codec/product.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { AuditSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { WorkerState } from "../training/workerState.ts";

/**
 * What an audit came to.
 * - `reproduced`: what was computed again is what the miner sent.
 * - `updateDiffers`, `stateDiffers`: another update, or another worker state after the round, comes out.
 * - `diverged`: from the published state the steps do not end in finite values.
 * - `notAState`: what lies under the header's roots is not a worker state.
 * - `withheld`: the worker state could not be had by the end of the next round.
 * - `unable`: this validator could not compute the round again. Counts for nothing.
 */
export const auditReasons = [
  "reproduced",
  "updateDiffers",
  "stateDiffers",
  "diverged",
  "notAState",
  "withheld",
  "unable",
] as const;
export type AuditReason = (typeof auditReasons)[number];

const finite = v.pipe(v.number(), v.finite());

/** An audit as it stands in evaluation logs. */
export const auditSchema = v.strictObject({
  /** Round of the update. */
  round: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  result: v.picklist(["pass", "fail", "withheld", "unable"]),
  reason: v.picklist(auditReasons),
  /** How it was compared; null where it did not come to that. */
  mode: v.nullable(v.picklist(["exact", "tolerance", "compression"])),
  /** Positions with equal sign of both updates, share of the smaller one; null in `exact` mode and without comparison. */
  overlap: v.nullable(v.pipe(finite, v.minValue(0), v.maxValue(1))),
  /** Of both updates' values; null likewise. */
  cosine: v.nullable(finite),
});
export type AuditFinding = Readonly<v.InferOutput<typeof auditSchema>>;
export type AuditMode = NonNullable<AuditFinding["mode"]>;

/** Below this audit standing the score is zero: with the default decay for 23 rounds after a failed audit. */
export const leastAuditStanding = 0.5;

/** Whether an audit counts against the miner. Content withheld counts as a failed audit. */
export function auditFailed({ result }: Pick<AuditFinding, "result">): boolean {
  return result === "fail" || result === "withheld";
}

/**
 * Audit standing in [0, 1] after a round: 0 after a failed audit. Only a clean evaluation lets it recover; neither
 * waiting nor a passed audit does.
 */
export function nextAuditStanding(
  standing: number,
  audit: AuditFinding | undefined,
  clean: boolean,
  decay: number,
): number {
  if (audit !== undefined && auditFailed(audit)) return 0;
  return clean ? 1 - (1 - standing) * decay : standing;
}

/** A finding that came to no comparison. */
export function uncompared(round: number, reason: AuditReason): AuditFinding {
  const result = reason === "withheld" ? "withheld" : reason === "unable" ? "unable" : ("fail" as const);
  return { round, result, reason, mode: null, overlap: null, cosine: null };
}

/** What a miner sent, and what came out when its round was computed again. */
export interface Rerun {
  readonly sent: readonly SparseTensor[];
  readonly computed: readonly SparseTensor[];
}

/** On an equal machine: the same update and the same root of the state after, or a failed audit. */
export function compareExactly(
  round: number,
  { sent, computed }: Rerun,
  roots: { readonly sent: Hex; readonly computed: Hex },
): AuditFinding {
  const common = { round, mode: "exact", overlap: null, cosine: null } as const;
  if (!sameUpdate(sent, computed)) return { ...common, result: "fail", reason: "updateDiffers" };
  if (roots.sent !== roots.computed) return { ...common, result: "fail", reason: "stateDiffers" };
  return { ...common, result: "pass", reason: "reproduced" };
}

/** On another machine: updates that overlap and point alike, and so do error feedback and moments after the round. */
export function compareWithin(
  round: number,
  { sent, computed }: Rerun,
  states: { readonly sent: WorkerState; readonly computed: WorkerState },
  settings: AuditSettings,
): AuditFinding {
  const found = compareUpdates(round, "tolerance", { sent, computed }, settings);
  if (found.result === "fail") return found;
  const { sent: theirs, computed: ours } = states;
  const alike =
    theirs.moments.steps === ours.moments.steps &&
    [
      likenessOf(theirs.errorFeedback, ours.errorFeedback),
      likenessOf(theirs.moments.first, ours.moments.first),
      likenessOf(theirs.moments.second, ours.moments.second),
    ].every((likeness) => isAlike(likeness, settings));
  return alike ? found : { ...found, result: "fail", reason: "stateDiffers" };
}

/** Of the looked-at tensors alone: whether what was sent is what compression keeps of what was offered. */
export function compareUpdates(
  round: number,
  mode: AuditMode,
  { sent, computed }: Rerun,
  { leastOverlap, leastCosine }: Pick<AuditSettings, "leastOverlap" | "leastCosine">,
): AuditFinding {
  const shared = overlap(sent, computed);
  const found = likeness(product(sent, computed), product(sent, sent), product(computed, computed));
  // Two updates that keep nothing are the same.
  const empty = [...sent, ...computed].every(({ positions }) => positions.length === 0);
  const alike = empty || (shared >= leastOverlap && isAlike(found, { leastCosine }));
  return {
    round,
    result: alike ? "pass" : "fail",
    reason: alike ? "reproduced" : "updateDiffers",
    mode,
    overlap: shared,
    cosine: found.cosine,
  };
}

function sameUpdate(a: readonly SparseTensor[], b: readonly SparseTensor[]): boolean {
  return a.every(({ positions, values }, index) => {
    const other = b[index];
    return (
      positions.length === other.positions.length &&
      positions.every((position, k) => position === other.positions[k] && values[k] === other.values[k])
    );
  });
}

/** How alike two vectors are in direction and in length. */
interface Likeness {
  /** 1 for two that are zero, 0 where one is or a value is not finite. */
  readonly cosine: number;
  /** Shorter over longer, likewise. */
  readonly lengths: number;
}

/** The same bound for both: what points alike and is longer would gain where it is not clipped. */
function isAlike(
  { cosine, lengths }: Likeness,
  { leastCosine }: Pick<AuditSettings, "leastCosine">,
): boolean {
  return cosine >= leastCosine && lengths >= leastCosine;
}

function likenessOf(a: Tensors, b: Tensors): Likeness {
  let [dot, squaresA, squaresB] = [0, 0, 0];
  for (const [index, tensor] of a.entries()) {
    const other = b[index];
    for (let i = 0; i < tensor.length; i++) {
      dot += tensor[i] * other[i];
      squaresA += tensor[i] * tensor[i];
      squaresB += other[i] * other[i];
    }
  }
  return likeness(dot, squaresA, squaresB);
}

function likeness(dot: number, squaresA: number, squaresB: number): Likeness {
  if (squaresA === 0 && squaresB === 0) return { cosine: 1, lengths: 1 };
  const [a, b] = [Math.sqrt(squaresA), Math.sqrt(squaresB)];
  const [cosine, lengths] = [dot / (a * b), Math.min(a, b) / Math.max(a, b)];
  return { cosine: Number.isFinite(cosine) ? cosine : 0, lengths: Number.isFinite(lengths) ? lengths : 0 };
}
