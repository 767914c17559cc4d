import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** One line of a worker's metrics: what it computed or measured. Numbers carry their unit in the name. */
export type MetricRow = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Where a worker publishes what it computed and measured. */
export interface Metrics {
  record(row: MetricRow): void;
}

/** Appends rows as JSON lines; bigints become decimal strings. */
export function openMetrics(path: string): Metrics {
  mkdirSync(dirname(path), { recursive: true });
  return {
    record(row) {
      const text = JSON.stringify(row, (_, value: unknown) =>
        typeof value === "bigint" ? String(value) : value,
      );
      appendFileSync(path, `${text}\n`);
    },
  };
}

/** Keeps nothing. */
export const noMetrics: Metrics = { record() {} };
