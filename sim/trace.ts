import { createHash } from "node:crypto";
import { WeftError } from "../workers/protocol/errors.ts";
import type { Log, LogFields } from "../workers/runtime/log.ts";
import type { MetricRow } from "../workers/runtime/metrics.ts";

export interface TraceLine {
  /** Seconds since genesis. */
  readonly at: number;
  readonly node: string;
  readonly message: string;
  readonly fields: string;
}

/** Everything that was said in a simulation, in order; the same for the same seed. */
export class Trace {
  readonly #at: () => number;
  readonly #hash = createHash("sha256");
  readonly #keep: boolean;
  readonly #lines: TraceLine[] = [];
  readonly #recorded: (node: string, row: MetricRow) => void;

  /**
   * @param at seconds since genesis
   * @param keep lines as well as their digest
   */
  constructor(at: () => number, keep: boolean, recorded: (node: string, row: MetricRow) => void) {
    this.#at = at;
    this.#keep = keep;
    this.#recorded = recorded;
  }

  get lines(): readonly TraceLine[] {
    return this.#lines;
  }

  /** sha256 of all lines so far, hex. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  add(node: string, message: string, fields: LogFields = {}): void {
    const line = { at: this.#at(), node, message, fields: textOf(fields) };
    this.#hash.update(`${line.at} ${node} ${message} ${line.fields}\n`);
    if (this.#keep) this.#lines.push(line);
  }

  record(node: string, row: MetricRow): void {
    this.#recorded(node, row);
  }

  /** A worker's log, as long as it lives. */
  logOf(node: string, lives: () => boolean, bound: LogFields = {}): Log {
    const say = (message: string, fields?: LogFields) => {
      if (lives()) this.add(node, message, { ...bound, ...fields });
    };
    return {
      debug: say,
      info: say,
      warn: say,
      error: say,
      child: (fields) => this.logOf(node, lives, { ...bound, ...fields }),
    };
  }
}

function textOf(fields: LogFields): string {
  return JSON.stringify(fields, (_, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof WeftError) return value.code;
    if (value instanceof Error) return value.message;
    return value;
  });
}

/** A line for each line: seconds since genesis, who, what. */
export function formatTrace(lines: readonly TraceLine[]): string {
  return lines
    .map(
      ({ at, node, message, fields }) =>
        `${at.toFixed(3).padStart(10)} ${node.padEnd(12)} ${message} ${fields}\n`,
    )
    .join("");
}
