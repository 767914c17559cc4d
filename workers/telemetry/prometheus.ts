import { Counter, Gauge, Histogram } from "prom-client";
import type { MetricRow, Metrics } from "../runtime/metrics.ts";
import { MetricsPage } from "./metricsPage.ts";

/** Upper bounds in seconds: from a transaction's time on a local chain to a round of an hour. */
const secondsBuckets = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000];

/** What is read at the moment somebody asks. */
export interface Readings {
  /** Seconds since the worker saw a new block; undefined before the first. */
  secondsSinceBlock(): number | undefined;
  /** Round by chain time; undefined before genesis. */
  roundNow(): number | undefined;
  /** Reorganisations that took back something that was read. */
  reorganisations(): number;
  /** Wei of gas money; undefined where the chain does not answer. */
  balanceWei(): Promise<bigint | undefined>;
}

/**
 * A worker's metric rows in Prometheus's text format. Every name carries its unit; every label has few values: uids
 * (at most 256), and words of this program.
 */
export class PrometheusMetrics extends MetricsPage implements Metrics {
  readonly #state = this.#gauge(
    "weft_state_round",
    "Round of the newest model state this worker has reached",
  );
  readonly #gathered = this.#gauge("weft_gathered_updates", "Updates that led to the newest model state");
  readonly #heldOut = this.#gauge("weft_held_out_loss_nats", "Loss on held-out text, nats per token");
  readonly #rounds = this.#counter("weft_rounds_revealed_total", "Updates this miner revealed");
  readonly #trainLoss = this.#gauge(
    "weft_train_loss_nats",
    "Training loss of the last update, nats per token",
  );
  readonly #updateBytes = this.#gauge("weft_update_bytes", "Size of the last update");
  readonly #parts = this.#histogram("weft_round_part_seconds", "What a miner's round was spent on", ["part"]);
  readonly #lost = this.#counter("weft_rounds_lost_total", "Rounds without an update, by error code", [
    "code",
  ]);
  readonly #missed = this.#counter("weft_duties_missed_total", "Duties a validator gave up", [
    "duty",
    "code",
  ]);
  readonly #latency = this.#histogram(
    "weft_duty_latency_seconds",
    "Chain time from when it was due to when it was done",
    ["duty"],
  );
  readonly #agreement = this.#gauge(
    "weft_agreement_ratio",
    "Share of own weights that consensus left standing",
  );
  readonly #dividend = this.#gauge("weft_dividend_share_ratio", "Share of the last epoch's dividends");
  readonly #evaluated = this.#gauge("weft_evaluated_round", "Last round this validator evaluated");
  readonly #score = this.#gauge("weft_score_ratio", "Latest score this validator gave", ["uid"]);
  readonly #penalties = this.#counter("weft_penalties_total", "Penalties this validator gave, by reason", [
    "reason",
  ]);
  readonly #weighed = this.#gauge("weft_weights_epoch", "Last epoch this validator weighed");
  readonly #stored = this.#gauge("weft_store_bytes", "Content in this worker's store");
  readonly #storeOver = this.#gauge("weft_store_over_quota_bytes", "Needed content beyond the store's quota");
  readonly #unstored = this.#counter("weft_store_removed_total", "Contents removed by age or quota");
  readonly #sent = this.#counter("weft_transactions_total", "Transactions in a block", ["action"]);
  readonly #gas = this.#counter("weft_transaction_gas_total", "Gas of transactions", ["action"]);
  readonly #fees = this.#counter("weft_transaction_fees_gwei_total", "Paid for gas", ["action"]);
  readonly #waited = this.#histogram(
    "weft_transaction_wait_seconds",
    "From the wish to send to the confirmation",
    ["action"],
  );

  constructor(readings: Readings, worker: string) {
    super(worker);
    this.read("weft_block_age_seconds", "Since this worker saw a new block", () =>
      readings.secondsSinceBlock(),
    );
    this.read("weft_chain_round", "Round by chain time", () => readings.roundNow());
    this.read("weft_reorganisations", "Reorganisations followed since the start", () =>
      readings.reorganisations(),
    );
    this.read("weft_gas_money_gwei", "Coin of the hotkey", async () => {
      const wei = await readings.balanceWei();
      return wei === undefined ? undefined : gwei(wei);
    });
  }

  record(row: MetricRow): void {
    switch (row.type) {
      case "state":
        this.#state.set(row.round);
        this.#gathered.set(row.gathered.length);
        break;
      case "heldOutLoss":
        this.#heldOut.set(row.loss);
        break;
      case "round":
        this.#recordRound(row);
        break;
      case "roundLost":
        this.#lost.inc({ code: row.code });
        break;
      case "dutyMissed":
        this.#missed.inc({ duty: row.duty, code: row.code });
        break;
      case "latency":
        this.#latency.observe({ duty: row.duty }, row.latencySeconds);
        break;
      case "agreement":
        this.#agreement.set(row.agreement);
        this.#dividend.set(row.dividendShare);
        break;
      case "evaluation":
        this.#recordEvaluation(row);
        break;
      case "weights":
        this.#weighed.set(row.epoch);
        break;
      case "store":
        this.#stored.set(row.usedBytes);
        this.#storeOver.set(row.overBytes);
        this.#unstored.inc(row.removedContents);
        break;
      case "transaction":
        this.#recordTransaction(row);
        break;
    }
  }

  #recordRound(row: Extract<MetricRow, { type: "round" }>): void {
    this.#rounds.inc();
    this.#updateBytes.set(row.updateBytes);
    if (row.trainLoss !== undefined) this.#trainLoss.set(row.trainLoss);
    for (const [part, seconds] of Object.entries(row.seconds)) this.#parts.observe({ part }, seconds);
  }

  #recordEvaluation(row: Extract<MetricRow, { type: "evaluation" }>): void {
    this.#evaluated.set(row.round);
    for (const { uid, score, penalties } of row.scores) {
      this.#score.set({ uid }, score);
      for (const { reason } of penalties) this.#penalties.inc({ reason });
    }
  }

  #recordTransaction(row: Extract<MetricRow, { type: "transaction" }>): void {
    const { action, gasUsed, feeWei, waitedSeconds } = row;
    this.#sent.inc({ action });
    this.#gas.inc({ action }, Number(gasUsed));
    this.#fees.inc({ action }, gwei(feeWei));
    this.#waited.observe({ action }, waitedSeconds);
  }

  #gauge<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: readonly Label[]) {
    return new Histogram({ name, help, labelNames, buckets: secondsBuckets, registers: [this.registry] });
  }
}

/** For graphs: as a float, exact to some 10⁻¹⁶ of it. */
function gwei(wei: bigint): number {
  return Number(wei) / 1e9;
}
