import type { MetricRow } from "../../workers/runtime/metrics.ts";

/** A worker's metric rows of one type, in order. */
export function rowsOf<Type extends MetricRow["type"]>(
  rows: readonly MetricRow[],
  type: Type,
): Extract<MetricRow, { type: Type }>[] {
  return rows.filter((row): row is Extract<MetricRow, { type: Type }> => row.type === type);
}
