import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Epoch, NeuronId, Round, Uid } from "../protocol/quantities.ts";

/** Seconds of a miner's round on the critical path, by what they were spent on; `idle` is waiting for a phase. */
export interface RoundSeconds {
  train: number;
  encode: number;
  store: number;
  transaction: number;
  fetch: number;
  decode: number;
  idle: number;
}

export type Duty =
  | "attest"
  | "evaluate"
  | "commitWeights"
  | "revealWeights"
  | "heldOutLoss"
  | "settle"
  | "checkpoint"
  | "agreement";

/** What a worker computed or measured. Numbers carry their unit in the name; losses are nats per token. */
export type MetricRow =
  /**
   * The model's state at the start of a round, the uids that were gathered for it, and those of them whose updates are no part of
   * it: they go against the others, or are no valid updates of the state before.
   */
  | {
      readonly type: "state";
      readonly round: Round;
      readonly root: string;
      readonly gathered: readonly Uid[];
      readonly leftOut: readonly Uid[];
    }
  | { readonly type: "heldOutLoss"; readonly round: Round; readonly loss: number }
  /** An update that was revealed. */
  | {
      readonly type: "round";
      readonly round: Round;
      readonly trainLoss: number | undefined;
      readonly updateBytes: number;
      readonly seconds: RoundSeconds;
    }
  | { readonly type: "roundLost"; readonly round: Round; readonly code: string }
  /** `round` is an epoch for duties of epochs. */
  | { readonly type: "dutyMissed"; readonly duty: Duty; readonly round: number; readonly code: string }
  | {
      readonly type: "latency";
      readonly duty: Duty;
      readonly round?: Round;
      readonly epoch?: Epoch;
      readonly latencySeconds: number;
    }
  /** Share of the own weights that consensus left standing, and of the epoch's dividends that were earned. */
  | {
      readonly type: "agreement";
      readonly epoch: Epoch;
      readonly agreement: number;
      readonly dividendShare: number;
    }
  | {
      readonly type: "evaluation";
      readonly round: Round;
      readonly scores: readonly {
        readonly uid: Uid;
        readonly score: number;
        readonly penalties: readonly { readonly reason: string; readonly factor: number }[];
        readonly losses: unknown;
        /** Neuron whose update it copies. */
        readonly copyOf?: NeuronId;
      }[];
    }
  /** Content in the store at the end of a sweep; `overBytes` is what exceeds the quota and is needed. */
  | {
      readonly type: "store";
      readonly round: Round;
      readonly usedBytes: number;
      readonly removedContents: number;
      readonly overBytes: number;
    }
  | { readonly type: "weights"; readonly epoch: Epoch; readonly scores: unknown; readonly weights: unknown }
  | {
      readonly type: "transaction";
      readonly action: string;
      readonly gasUsed: bigint;
      readonly feeWei: bigint;
      readonly waitedSeconds: number;
    };

/** Where a worker publishes what it computed and measured. */
export interface Metrics {
  record(row: MetricRow): void;
}

/** A row as JSON; bigints become decimal strings. */
export function metricJson(row: MetricRow): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/** Appends rows as JSON lines. */
export function openMetrics(path: string): Metrics {
  mkdirSync(dirname(path), { recursive: true });
  return {
    record(row) {
      appendFileSync(path, `${metricJson(row)}\n`);
    },
  };
}

/** Gives every row to each. */
export function allMetrics(...targets: readonly Metrics[]): Metrics {
  return {
    record(row) {
      for (const target of targets) target.record(row);
    },
  };
}

/** Keeps nothing. */
export const noMetrics: Metrics = { record() {} };
