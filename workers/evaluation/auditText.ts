import type { AuditFinding } from "./audit.ts";

/** An audit in one line: what came of it, why, and by which comparison. */
export function auditText({ round, result, reason, mode, overlap, cosine }: AuditFinding): string {
  const figures =
    overlap === null || cosine === null
      ? ""
      : `, ${(overlap * 100).toFixed(1)} % of positions, cosine ${cosine.toFixed(4)}`;
  const compared = mode === null ? "" : `, ${comparisons[mode]}${figures}`;
  return `audit of round ${round}: ${result} (${reason})${compared}`;
}

const comparisons = {
  exact: "bit by bit",
  tolerance: "within the run's tolerance",
  compression: "compression of some tensors alone",
} as const;
