import { auditedNeurons } from "../node/auditedNeurons.ts";
import type { Beacons } from "../node/beacons.ts";
import { publishWorkerState } from "../node/workerStateContent.ts";
import { roundEnd } from "../protocol/clock.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { MinerContext } from "./updatePolicy.ts";
import type { WorkerStates } from "./workerStates.ts";

export interface AuditPublisherOptions {
  readonly context: Pick<MinerContext, "run" | "neuronId" | "follower">;
  readonly beacons: Beacons;
  readonly workerStates: Pick<WorkerStates, "revealed" | "transition">;
  readonly clock: Clock;
  readonly log: Log;
}

const retryMs = 1000;

/**
 * Publishes the worker states around an update that the AUDIT beacon picked, from the round's end on; due by the end of
 * the next round. Runs beside the miner's rounds, and never ends them.
 */
export class AuditPublisher {
  readonly #options: AuditPublisherOptions;

  constructor(options: AuditPublisherOptions) {
    this.#options = options;
  }

  /** Runs until aborted, from the round before the current one; ends at once where the run has no audits. */
  async run(signal: AbortSignal): Promise<void> {
    const { follower, run } = this.#options.context;
    if (run.manifest.scoring.audit === undefined) return;
    const current = follower.now()?.round ?? 0;
    for (let round = Math.max(0, current - 1); ; round++) {
      await follower.untilTime(roundEnd(run.contracts.clock, round), signal);
      await this.publish(round, signal);
    }
  }

  /** Publishes what an audit of a round that is over needs. Tries again until it is there or the time is up. */
  async publish(round: Round, signal: AbortSignal): Promise<void> {
    const { context, clock, log } = this.#options;
    const { follower, run } = context;
    const deadline = roundEnd(run.contracts.clock, round + 1);
    for (;;) {
      try {
        if (await this.#done(round, signal)) return;
      } catch (error) {
        signal.throwIfAborted();
        log.warn("the worker state of an audited round cannot be published", { round, error });
      }
      await clock.sleep(retryMs, signal);
      if ((follower.now()?.time ?? 0) < deadline) continue;
      log.error("an audit of this miner will find its worker state withheld", { round });
      return;
    }
  }

  /** Whether there is nothing left to publish for the round. */
  async #done(round: Round, signal: AbortSignal): Promise<boolean> {
    const { context, beacons, workerStates, log } = this.#options;
    const { run, neuronId, follower } = context;
    const { store, specs } = run;
    const picked = await auditedNeurons({ run, beacons, history: follower.history }, round, signal);
    if (!picked.includes(neuronId)) return true;
    const transition = workerStates.transition(round);
    // Until the miner has seen its own reveal, it has not moved on to the state after; a restart may have lost an older one.
    if (transition === undefined) return (workerStates.revealed ?? -1) > round;
    await publishWorkerState(store, specs, transition.before, signal);
    await publishWorkerState(store, specs, transition.after, signal);
    log.info("worker state published for an audit", { round });
    return true;
  }
}
