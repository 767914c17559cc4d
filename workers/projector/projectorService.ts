import type { DatasetReader } from "../data/datasetReader.ts";
import type { Run } from "../node/run.ts";
import { phaseEnd } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { ReportIdentity } from "../protocol/metricReport.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { ApiError, Status, SyncState } from "./api.ts";
import { ProjectedRun } from "./projectedRun.ts";
import type { Projection } from "./projection.ts";
import { apiError, Refusal } from "./refusal.ts";
import { takeReport } from "./reports.ts";
import { epochNow } from "./views/epochNow.ts";

export interface ProjectorOptions {
  /** Connects to the run as it is on the chain now. */
  readonly open: (signal: AbortSignal) => Promise<{ readonly run: Run; readonly dataset: DatasetReader }>;
  readonly projection: Projection;
  readonly clock: Clock;
  readonly log: Log;
}

const pauseMs = { look: 200, afterFailure: 1_000 };
/** Without a new block after which the chain counts as silent. */
const silentSeconds = 30;

/** Keeps a run's projection up to date, through reorganisations and a chain that begins anew. */
export class ProjectorService {
  readonly #options: ProjectorOptions;
  readonly #listeners = new Set<() => void>();
  #projected: ProjectedRun | undefined;
  /** Of the last run connected to: told also while the chain begins anew. */
  #identity: ReportIdentity | undefined;
  #reset = false;
  #resets = 0;
  #problem: ApiError | null = null;
  #reports = 0;
  #lastNews: number;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#lastNews = options.clock.now();
  }

  /** The run as projected. @throws Refusal NOT_READY before the first look, and while the chain begins anew */
  get projected(): ProjectedRun {
    if (this.#projected?.head !== undefined) return this.#projected;
    const problem = this.#problem === null ? "" : `: ${this.#problem.message}`;
    throw new Refusal(
      503,
      "NOT_READY",
      `nothing was read of the chain yet${problem}`,
      "Ask again in a moment.",
    );
  }

  /** Calls `listener` whenever `status` changes, until the function that it returns is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get status(): Status {
    const projected = this.#projected;
    const head = projected?.head;
    const now = projected?.now;
    const clock = projected?.run.contracts.clock;
    const phaseEndsAt = now === undefined || clock === undefined ? clock?.genesis : phaseEnd(clock, now.time);
    return {
      state: this.#state(),
      chainId: this.#identity?.chainId ?? 0,
      registry: this.#identity?.registry ?? "",
      chain: `${projected?.chain ?? ""} ${this.#resets}`,
      head:
        head === undefined ? null : { number: Number(head.number), hash: head.hash, time: head.timestamp },
      round: now?.round ?? null,
      phase: now?.phase ?? null,
      phaseEndsAt: phaseEndsAt ?? 0,
      epoch: projected === undefined ? 0 : epochNow(projected),
      reports: this.#reports,
      problem: this.#problem,
    };
  }

  /** Seconds since a new block was seen, or since the start. */
  get secondsSinceBlock(): number {
    return (this.#options.clock.now() - this.#lastNews) / 1000;
  }

  #state(): SyncState {
    if (this.#reset) return "reset";
    if (this.#projected?.head === undefined) return "starting";
    if (this.#projected.behind) return "syncing";
    return this.secondsSinceBlock > silentSeconds ? "silent" : "synced";
  }

  /** Events in the database; 0 before the first look. */
  eventCount(): number {
    return this.#projected === undefined ? 0 : this.#options.projection.eventCount();
  }

  /** Takes a worker's signed rows. @throws as `takeReport` */
  async take(body: unknown): Promise<number> {
    const { run, projection, standing, now } = this.projected;
    const identity = identityOf(run);
    const taken = await takeReport(
      { projection, identity, metagraph: standing.metagraph, round: now?.round },
      body,
    );
    this.#reports += taken;
    this.#changed();
    return taken;
  }

  /** Follows the chain until aborted. @throws what is wrong with location, contracts or content at the first connection */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const before = this.#state();
      const pause = await this.#step(signal);
      if (this.#state() !== before) this.#changed();
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  /** One look at the chain. Milliseconds to wait before the next. */
  async #step(signal: AbortSignal): Promise<number> {
    try {
      this.#projected ??= await this.#connect(signal);
      const isNews = await this.#projected.look(signal);
      this.#reset = false;
      const mended = this.#problem !== null;
      this.#problem = null;
      if (isNews) this.#lastNews = this.#options.clock.now();
      if (isNews || mended) this.#changed();
      return this.#projected.behind ? 0 : pauseMs.look;
    } catch (error) {
      if (signal.aborted) return 0;
      this.#failed(error);
      return pauseMs.afterFailure;
    }
  }

  async #connect(signal: AbortSignal): Promise<ProjectedRun> {
    const { open, projection, log } = this.#options;
    const { run, dataset } = await open(signal);
    const { chainId, addresses, clock } = run.contracts;
    if (projection.claim(JSON.stringify({ chainId, addresses, clock })))
      log.warn("the projection was of another run and begins anew", { registry: addresses.registry });
    this.#identity = identityOf(run);
    return new ProjectedRun(run, dataset, projection);
  }

  /** @throws what cannot pass before anything was read */
  #failed(error: unknown): void {
    const { projection, log } = this.#options;
    if (!(error instanceof WeftError)) throw error;
    if (error.code === "CHAIN_REORGANISED") {
      log.warn("the chain began anew", { error });
      this.#projected = undefined;
      this.#reset = true;
      this.#resets += 1;
      projection.clear();
    } else if (!error.retryable) {
      if (this.#identity === undefined) throw error;
      // Something was read and perhaps not kept: it is read again from where the file ends.
      this.#projected = undefined;
    }
    if (this.#problem?.code !== error.code) log.warn("the chain does not answer", { error });
    this.#problem = apiError(error);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function identityOf({ contracts: { chainId, addresses } }: Run): ReportIdentity {
  return { chainId, registry: addresses.registry };
}
