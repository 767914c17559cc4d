import { commitUpdate } from "../chain/actions/commitUpdate.ts";
import { revealUpdate } from "../chain/actions/revealUpdate.ts";
import type { SigningRun } from "../chain/run.ts";
import type { Journal } from "../database/journal.ts";
import type { UpdateEntry } from "../database/journalEntries.ts";
import { sendOnce } from "../node/sendOnce.ts";
import { attestStart, revealStart } from "../protocol/clock.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";
import type { WorkerState } from "../training/workerState.ts";
import type { MinerContext } from "./updatePolicy.ts";
import type { WorkerStates } from "./workerStates.ts";

export interface UpdateDutyOptions {
  readonly context: MinerContext;
  readonly signing: SigningRun;
  readonly journal: Journal;
  readonly workerStates: WorkerStates;
  readonly log: Log;
}

/**
 * Commits and reveals what the journal holds, each once however often it is asked to: what the chain shows counts, for a
 * crash may have kept it from the journal, and a reorganisation may have taken back what the journal knows.
 */
export class UpdateDuty {
  readonly #options: UpdateDutyOptions;

  constructor(options: UpdateDutyOptions) {
    this.#options = options;
  }

  /** Commits, unless it is on the chain or too late for a second time. @throws as `sendOnce` */
  async commit({ round, commitment, content }: UpdateEntry, signal: AbortSignal): Promise<void> {
    const { signing, context, journal, log } = this.#options;
    const isPlanned = () => journal.update(round)?.status === "planned";
    const until = revealStart(signing.clock, round);
    const { digest, size } = content;
    const isThere = () => {
      const commits = context.follower.history.commits(round);
      return commits.some((commit) => commit.neuronId === context.neuronId && commit.digest === digest);
    };
    if (isThere()) {
      if (isPlanned()) journal.markUpdate(round, "committed", undefined);
      return;
    }
    if (!isPlanned() && context.follower.syncedTime >= until) return;
    const send = () => commitUpdate(signing, { round, digest, size, commitment }, signal);
    const sent = await sendOnce(
      context.follower,
      { send, refusal: "AlreadyCommitted", isThere, until },
      signal,
    );
    if (isPlanned()) journal.markUpdate(round, "committed", sent?.hash);
    log.info("update committed", { round, size });
  }

  /**
   * Reveals what was committed, unless the chain shows it.
   * @param after worker state that follows the update
   * @throws as `sendOnce`
   */
  async reveal(round: Round, after: WorkerState, signal: AbortSignal): Promise<void> {
    const { signing, context, journal, workerStates, log } = this.#options;
    const entry = journal.update(round);
    if (entry === undefined || entry.status === "planned" || this.isRevealed(entry)) return;
    const { dataRoot, salt } = entry;
    const { digest, size } = entry.content;
    const send = () => revealUpdate(signing, { round, digest, size, dataRoot, salt }, signal);
    const isThere = () => this.isRevealed(entry);
    const until = attestStart(signing.clock, round);
    const sent = await sendOnce(
      context.follower,
      { send, refusal: "AlreadyRevealed", isThere, until },
      signal,
    );
    journal.markUpdate(round, "revealed", sent?.hash);
    workerStates.moveTo(round, after);
    log.info("update revealed", { round });
  }

  isRevealed({ round, content }: UpdateEntry): boolean {
    const { follower, neuronId } = this.#options.context;
    return follower.history.rounds.reveal(round, neuronId)?.digest === content.digest;
  }

  /**
   * Makes journal and worker state follow what the chain shows before `round` is worked on, or the next update would not
   * continue the last one.
   */
  async followReveals(round: Round): Promise<void> {
    const { context, journal, workerStates, log } = this.#options;
    const last = context.follower.history.rounds.lastRevealBefore(round + 1, context.neuronId);
    if (last === undefined) {
      workerStates.reset();
      return;
    }
    const entry = journal.update(last.round);
    if (entry === undefined || entry.content.digest !== last.digest) return;
    if (entry.status !== "revealed") {
      journal.markUpdate(entry.round, "revealed", undefined);
      log.info("update found revealed", { round: entry.round });
    }
    if (workerStates.revealed !== entry.round) {
      workerStates.moveTo(entry.round, await workerStates.after(entry.round));
    }
  }
}
