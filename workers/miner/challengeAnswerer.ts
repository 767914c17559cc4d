import { readChallenge } from "../chain/actions/challenge.ts";
import type { SigningRun } from "../chain/run.ts";
import { showSlice } from "../node/showSlice.ts";
import type { OpenChallenge } from "../protocol/challengeHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { MinerContext } from "./updatePolicy.ts";

export interface ChallengeAnswererOptions {
  readonly context: Pick<MinerContext, "run" | "neuronId" | "follower">;
  readonly signing: SigningRun;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks within a round, so that a time to answer of a fraction of a round is enough. */
const looksPerRound = 8;
const leastMs = 1_000;

/**
 * Answers challenges of this miner's updates with the slice from its own store. Runs beside the miner's rounds, and never
 * ends them. The events that the miner follows say what is open; only then is the chain asked.
 */
export class ChallengeAnswerer {
  readonly #options: ChallengeAnswererOptions;

  constructor(options: ChallengeAnswererOptions) {
    this.#options = options;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { context, clock } = this.#options;
    const ms = Math.max(leastMs, (1000 * context.run.contracts.clock.period) / looksPerRound);
    for (;;) {
      await this.look(signal);
      await clock.sleep(ms, signal);
    }
  }

  /** Answers every open challenge; what fails is logged. */
  async look(signal: AbortSignal): Promise<void> {
    const { context, log } = this.#options;
    const { follower, neuronId } = context;
    for (const challenge of follower.history.openChallenges(neuronId)) {
      const { round, index, deadline } = challenge;
      try {
        await this.#answer(challenge, signal);
      } catch (error) {
        signal.throwIfAborted();
        const told = { round, index, deadline, error };
        log.error("a challenge of this miner's update cannot be answered", told);
      }
    }
  }

  async #answer({ round, deadline }: OpenChallenge, signal: AbortSignal): Promise<void> {
    const { context, signing, log } = this.#options;
    const { run, neuronId, follower } = context;
    const reveal = follower.history.rounds.reveal(round, neuronId);
    if (reveal === undefined || (follower.now()?.time ?? 0) >= deadline) return;
    // Its events are not read at once, so it may be answered already.
    const open = await readChallenge(signing, neuronId, round, signal);
    if (open === undefined) return;
    const { gasUsed } = await showSlice(signing, run, reveal, open.index, signal);
    log.info("challenge answered", { round, index: open.index, gasUsed });
  }
}
