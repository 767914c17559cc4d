import type { LocalAccount } from "viem";
import { RetryableError } from "../protocol/errors.ts";
import { maxReportBytes, type ReportIdentity, reportTypedData } from "../protocol/metricReport.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { type MetricRow, type Metrics, metricJson } from "../runtime/metrics.ts";
import { within } from "../runtime/within.ts";

export interface ReporterOptions {
  /** Of a projector. */
  readonly url: URL;
  readonly identity: ReportIdentity;
  readonly hotkey: Pick<LocalAccount, "signTypedData">;
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a projector takes; the rest stays on the machine. */
const reported: ReadonlySet<MetricRow["type"]> = new Set(["state", "heldOutLoss", "round", "evaluation"]);
const mostWaiting = 64;
const patienceMs = 5_000;
const pauseMs = { between: 250, afterFailure: 5_000 };

/** Tells a projector what a worker measured, signed by its hotkey. Never in the worker's way: what cannot be told is dropped. */
export class Reporter implements Metrics {
  readonly #options: ReporterOptions;
  readonly #closed = new AbortController();
  readonly #running: Promise<void>;
  #waiting: string[] = [];
  #sequence = 0;
  #failing = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#running = this.#run(this.#closed.signal);
  }

  record(row: MetricRow): void {
    if (!reported.has(row.type)) return;
    this.#waiting.push(metricJson(row));
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
  }

  /** Sends what waits once more, and ends. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
    await this.#send(new AbortController().signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const sent = await this.#send(signal);
      await clock.sleep(sent ? pauseMs.between : pauseMs.afterFailure, signal).catch(() => undefined);
    }
  }

  /** Whether nothing is in the way. */
  async #send(signal: AbortSignal): Promise<boolean> {
    const rows = this.#batch();
    if (rows.length === 0) return true;
    const { clock, log, url } = this.#options;
    try {
      const late = () => new RetryableError("REPORT_LATE", `${url.href} does not answer`);
      const status = await within(clock, patienceMs, signal, late, (bounded) => this.#post(rows, bounded));
      // What a projector refuses it refuses again; what it cannot take now it may take later.
      if (status < 500) this.#waiting.splice(0, rows.length);
      if (status >= 400) throw new RetryableError("REPORT_REFUSED", `${url.href} answers ${status}`);
      this.#failing = false;
      return true;
    } catch (error) {
      if (!signal.aborted && !this.#failing) log.warn("the projector does not take reports", { error });
      this.#failing = true;
      return false;
    }
  }

  /** As many of the waiting rows as one report holds; a row that is larger is dropped. */
  #batch(): string[] {
    // JSON text in JSON text: quotes take two bytes.
    const room = maxReportBytes / 2 - 1_000;
    this.#waiting = this.#waiting.filter((row) => row.length < room);
    let bytes = 0;
    return this.#waiting.filter((row) => {
      bytes += row.length + 1;
      return bytes <= room;
    });
  }

  async #post(waiting: readonly string[], signal: AbortSignal): Promise<number> {
    const { url, identity, hotkey, clock } = this.#options;
    this.#sequence = Math.max(this.#sequence + 1, clock.wall());
    const report = { sequence: this.#sequence, rows: `[${waiting.join(",")}]` };
    const signature = await hotkey.signTypedData(reportTypedData(identity, report));
    const response = await this.#options.fetch(new URL("/api/reports", url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...report, signature }),
      redirect: "error",
      signal,
    });
    await response.body?.cancel();
    return response.status;
  }
}
