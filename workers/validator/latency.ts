import type { RunFollower } from "../node/follower.ts";
import type { BlockTime } from "../protocol/quantities.ts";
import type { Duty, Metrics } from "../runtime/metrics.ts";

/** A duty that was done: in a round, or for an epoch. */
export interface DoneDuty {
  readonly duty: Extract<Duty, "attest" | "evaluate" | "commitWeights" | "revealWeights">;
  readonly round?: number;
  readonly epoch?: number;
}

/**
 * Notes how long after its time a duty was done, in seconds of chain time.
 * @param due when it could be done at the earliest
 * @returns these seconds; undefined before genesis
 */
export function recordLatency(
  metrics: Metrics,
  follower: Pick<RunFollower, "now">,
  done: DoneDuty,
  due: BlockTime,
): number | undefined {
  const now = follower.now();
  if (now === undefined) return undefined;
  const latencySeconds = Math.max(0, now.time - due);
  metrics.record({ type: "latency", ...done, latencySeconds });
  return latencySeconds;
}
