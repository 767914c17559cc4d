import { type AssignmentSources, epochShards } from "../node/assignedSequences.ts";
import type { RunFollower } from "../node/follower.ts";
import { epochOf, roundStart } from "../protocol/clock.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";

export interface ShardPrefetcherOptions extends AssignmentSources {
  readonly miner: NeuronId;
  readonly follower: Pick<RunFollower, "now" | "untilTime">;
  readonly log: Log;
}

/**
 * Fetches the shards that a miner is assigned while it trains, so that the rounds to come find them. A round's shards are its
 * epoch's, which nobody knows before the epoch's first block: what the first round does not wait for itself is fetched beside
 * its training. Whatever fails is tried again a round later, and by training when it needs it.
 */
export class ShardPrefetcher {
  readonly #options: ShardPrefetcherOptions;

  constructor(options: ShardPrefetcherOptions) {
    this.#options = options;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { run, follower } = this.#options;
    for (let round = follower.now()?.round ?? 0; ; round = Math.max(round + 1, follower.now()?.round ?? 0)) {
      await follower.untilTime(roundStart(run.contracts.clock, round), signal);
      await this.prefetch(round, signal);
    }
  }

  /** The shards of the round's epoch; what goes wrong is logged. */
  async prefetch(round: Round, signal: AbortSignal): Promise<void> {
    const { run, dataset, miner, log } = this.#options;
    try {
      const epoch = epochOf(run.contracts.clock, round);
      const shards = await epochShards(this.#options, miner, epoch, signal);
      dataset.keep(shards);
      await dataset.prefetch(shards, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn("shards cannot be fetched ahead", { round, error });
    }
  }
}
