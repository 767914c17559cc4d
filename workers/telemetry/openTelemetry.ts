import type { RoundClock } from "../protocol/clock.ts";
import { RetryableError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { ListenAddress, Listening } from "../runtime/listen.ts";
import { allMetrics, type Metrics } from "../runtime/metrics.ts";
import { within } from "../runtime/within.ts";
import { HealthWatch } from "./health.ts";
import { PrometheusMetrics } from "./prometheus.ts";
import { serveTelemetry } from "./telemetryServer.ts";

/** What is asked of the worker when somebody looks. */
export interface TelemetrySource {
  /** "miner" or "validator". */
  readonly worker: string;
  readonly roundClock: RoundClock;
  /** Where the worker stands on the chain (`RunFollower`), which has seen a block. */
  readonly follower: {
    readonly syncedTime: number;
    readonly rewinds: number;
    now(): { readonly round: number; readonly time: number } | undefined;
  };
  /** Wei of the hotkey. @throws where the chain does not answer */
  balance(signal: AbortSignal): Promise<bigint>;
  readonly clock: Clock;
}

export interface Telemetry extends Metrics, Listening {}

/** How long a balance is good, and how long the chain may take to tell it. */
const balanceMs = { fresh: 30_000, patience: 2_000 };

/** Serves a worker's metrics and health. @throws as `serveTelemetry` */
export async function openTelemetry(listen: ListenAddress, source: TelemetrySource): Promise<Telemetry> {
  const { follower, worker, roundClock } = source;
  const roundNow = () => follower.now()?.round;
  const secondsSinceBlock = () => {
    const now = follower.now();
    return now === undefined ? undefined : Math.max(0, now.time - follower.syncedTime);
  };
  const prometheus = new PrometheusMetrics(
    {
      secondsSinceBlock,
      roundNow,
      reorganisations: () => follower.rewinds,
      balanceWei: keptBalance(source),
    },
    worker,
  );
  const watch = new HealthWatch(roundClock);
  const server = await serveTelemetry(listen, {
    metrics: async () => ({ text: await prometheus.page(), contentType: prometheus.contentType }),
    health: () => watch.health({ roundNow: roundNow(), secondsSinceBlock: secondsSinceBlock() }),
  });
  return { ...server, ...allMetrics(prometheus, watch) };
}

const never = new AbortController().signal;
const late = () => new RetryableError("BALANCE_LATE", "the chain does not tell the balance in time");

/** The balance, asked for again once it is old; undefined where the chain does not tell it in time. */
function keptBalance({ balance, clock }: TelemetrySource): () => Promise<bigint | undefined> {
  let kept: { readonly at: number; readonly wei: bigint } | undefined;
  return async () => {
    if (kept !== undefined && clock.now() - kept.at < balanceMs.fresh) return kept.wei;
    try {
      const wei = await within(clock, balanceMs.patience, never, late, balance);
      kept = { at: clock.now(), wei };
      return wei;
    } catch {
      return undefined;
    }
  };
}
