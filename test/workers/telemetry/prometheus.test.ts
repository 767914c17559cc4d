import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricRow } from "../../../workers/runtime/metrics.ts";
import { PrometheusMetrics } from "../../../workers/telemetry/prometheus.ts";

const quiet = {
  secondsSinceBlock: () => 1.5,
  roundNow: () => 12,
  reorganisations: () => 2,
  balanceWei: async () => 3_000_000_000n as bigint | undefined,
};
const seconds = { train: 2, encode: 0.2, store: 0.1, transaction: 1, fetch: 0, decode: 0, idle: 4 };

/** Value of a series, by its name and labels but the worker's. */
async function valueIn(metrics: PrometheusMetrics, series: string): Promise<number | undefined> {
  const lines = (await metrics.page()).split("\n").filter((line) => !line.startsWith("#"));
  const plain = lines.map((line) =>
    line
      .replace(/worker="miner",?/, "")
      .replace(",}", "}")
      .replace("{}", ""),
  );
  const line = plain.find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test("record, each type of row: its series has the value", async () => {
  const cases: readonly (readonly [MetricRow, Readonly<Record<string, number>>])[] = [
    [
      { type: "state", round: 7, root: "0x01", gathered: [1, 4], leftOut: [] },
      { weft_state_round: 7, weft_gathered_updates: 2 },
    ],
    [{ type: "heldOutLoss", round: 7, loss: 2.5 }, { weft_held_out_loss_nats: 2.5 }],
    [
      { type: "round", round: 7, trainLoss: 3, updateBytes: 900, seconds },
      {
        weft_rounds_revealed_total: 1,
        weft_train_loss_nats: 3,
        weft_update_bytes: 900,
        'weft_round_part_seconds_sum{part="idle"}': 4,
      },
    ],
    [{ type: "roundLost", round: 8, code: "RPC_FAILED" }, { 'weft_rounds_lost_total{code="RPC_FAILED"}': 1 }],
    [
      { type: "dutyMissed", duty: "settle", round: 1, code: "CONTRACT_REVERT" },
      { 'weft_duties_missed_total{duty="settle",code="CONTRACT_REVERT"}': 1 },
    ],
    [
      { type: "latency", duty: "attest", round: 1, latencySeconds: 3.5 },
      { 'weft_duty_latency_seconds_sum{duty="attest"}': 3.5 },
    ],
    [
      { type: "agreement", epoch: 1, agreement: 0.75, dividendShare: 0.25 },
      { weft_agreement_ratio: 0.75, weft_dividend_share_ratio: 0.25 },
    ],
    [
      {
        type: "evaluation",
        round: 9,
        scores: [{ uid: 3, score: 0.5, penalties: [{ reason: "copy", factor: 0.5 }], losses: null }],
      },
      { weft_evaluated_round: 9, 'weft_score_ratio{uid="3"}': 0.5, 'weft_penalties_total{reason="copy"}': 1 },
    ],
    [
      { type: "store", round: 9, usedBytes: 5e9, removedContents: 3, overBytes: 7 },
      { weft_store_bytes: 5e9, weft_store_removed_total: 3, weft_store_over_quota_bytes: 7 },
    ],
    [{ type: "weights", epoch: 2, scores: [], weights: [] }, { weft_weights_epoch: 2 }],
    [
      { type: "transaction", action: "stake", gasUsed: 21_000n, feeWei: 42_000_000_000n, waitedSeconds: 2 },
      {
        'weft_transactions_total{action="stake"}': 1,
        'weft_transaction_gas_total{action="stake"}': 21_000,
        'weft_transaction_fees_gwei_total{action="stake"}': 42,
        'weft_transaction_wait_seconds_count{action="stake"}': 1,
      },
    ],
  ];
  for (const [row, expected] of cases) {
    const metrics = new PrometheusMetrics(quiet, "miner");
    metrics.record(row);
    for (const [series, value] of Object.entries(expected))
      assert.equal(await valueIn(metrics, series), value, series);
  }
});

test("page, readings: taken when asked; left out where there is none", async () => {
  let readings = quiet;
  const metrics = new PrometheusMetrics(
    {
      secondsSinceBlock: () => readings.secondsSinceBlock(),
      roundNow: () => readings.roundNow(),
      reorganisations: () => readings.reorganisations(),
      balanceWei: () => readings.balanceWei(),
    },
    "miner",
  );
  assert.equal(await valueIn(metrics, "weft_block_age_seconds"), 1.5);
  assert.equal(await valueIn(metrics, "weft_chain_round"), 12);
  assert.equal(await valueIn(metrics, "weft_reorganisations"), 2);
  assert.equal(await valueIn(metrics, "weft_gas_money_gwei"), 3);
  readings = { ...quiet, roundNow: () => 13, balanceWei: async () => undefined };
  assert.equal(await valueIn(metrics, "weft_chain_round"), 13);
  assert.equal(await valueIn(metrics, "weft_gas_money_gwei"), undefined);
});

test("names: each says its unit or that it counts, and none is twice", () => {
  const names = new PrometheusMetrics(quiet, "miner").names().filter((name) => name.startsWith("weft_"));
  const units = /_(total|seconds|bytes|nats|ratio|gwei|round|epoch|updates|reorganisations)$/;
  assert.deepEqual(
    names.filter((name) => !units.test(name)),
    [],
  );
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length >= 20, `${names.length} names`);
});
