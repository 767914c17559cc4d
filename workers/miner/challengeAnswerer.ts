import { answerChallenge, type OpenChallenge, readChallenges } from "../chain/actions/challenge.ts";
import type { SigningRun } from "../chain/run.ts";
import { sliceProof } from "../protocol/dataRoot.ts";
import { WeftError } from "../protocol/errors.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { refFor } from "../storage/contentRef.ts";
import type { MinerContext } from "./updatePolicy.ts";

export interface ChallengeAnswererOptions {
  readonly context: Pick<MinerContext, "run" | "neuronId" | "follower">;
  readonly signing: SigningRun;
  readonly clock: Clock;
  readonly log: Log;
}

/** Rounds back in which a challenge of an update may be open: it can be opened for four, and then waits for its answer. */
const watchedRounds = 8;
/** Looks within a round, so that a time to answer of a fraction of a round is enough. */
const looksPerRound = 8;
const leastMs = 1_000;

/**
 * Answers challenges of this miner's updates with the slice from its own store. Runs beside the miner's rounds, and never
 * ends them. An answer sent twice is refused by the contract, so nothing has to be remembered.
 */
export class ChallengeAnswerer {
  readonly #options: ChallengeAnswererOptions;

  constructor(options: ChallengeAnswererOptions) {
    this.#options = options;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { context, clock, log } = this.#options;
    const ms = Math.max(leastMs, (1000 * context.run.contracts.clock.period) / looksPerRound);
    for (;;) {
      try {
        await this.look(signal);
      } catch (error) {
        signal.throwIfAborted();
        log.warn("challenges cannot be looked for", { error });
      }
      await clock.sleep(ms, signal);
    }
  }

  /** Answers every open challenge of a late round. @throws what reading the chain costs */
  async look(signal: AbortSignal): Promise<void> {
    const { context, signing } = this.#options;
    const { follower, neuronId } = context;
    const current = follower.now()?.round ?? -1;
    const reveals: RevealedUpdate[] = [];
    for (let round = Math.max(0, current - watchedRounds); round <= current; round++) {
      const reveal = follower.history.rounds.reveal(round, neuronId);
      if (reveal !== undefined) reveals.push(reveal);
    }
    if (reveals.length === 0) return;
    const rounds = reveals.map(({ round }) => round);
    const challenges = await readChallenges(signing, neuronId, rounds, signal);
    for (const reveal of reveals) {
      const challenge = challenges.get(reveal.round);
      if (challenge !== undefined) await this.#answer(reveal, challenge, signal);
    }
  }

  async #answer(reveal: RevealedUpdate, challenge: OpenChallenge, signal: AbortSignal): Promise<void> {
    const { context, signing, log } = this.#options;
    const { run, neuronId, follower } = context;
    const { round } = reveal;
    if ((follower.now()?.time ?? 0) >= challenge.deadline) return;
    const { index, deadline } = challenge;
    try {
      const maxBytes = run.manifest.limits.maxUpdateBytes;
      const content = await run.store.get(refFor(reveal.digest, reveal.size), { maxBytes, signal });
      const { gasUsed } = await answerChallenge(signing, neuronId, round, sliceProof(content, index), signal);
      log.info("challenge answered", { round, index, gasUsed });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WeftError)) throw error;
      log.error("a challenge of this miner's update cannot be answered", { round, index, deadline, error });
    }
  }
}
