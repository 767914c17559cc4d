import type { Hex } from "viem";
import { commitUpdate } from "../chain/actions/commitUpdate.ts";
import { revealUpdate } from "../chain/actions/revealUpdate.ts";
import type { SigningRun } from "../chain/run.ts";
import type { Journal } from "../database/journal.ts";
import type { UpdateEntry } from "../database/journalEntries.ts";
import type { ModelStates } from "../node/modelStates.ts";
import { sealUpdate } from "../node/updateReader.ts";
import { attestStart, revealStart, roundStart } from "../protocol/clock.ts";
import { updateCommitment } from "../protocol/commitment.ts";
import { WeftError } from "../protocol/errors.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { refOf } from "../storage/contentRef.ts";
import type { WorkerState } from "../training/workerState.ts";
import { composeUpdate } from "./composeUpdate.ts";
import type { MinerContext, UpdatePolicy } from "./updatePolicy.ts";
import type { WorkerStates } from "./workerStates.ts";

export interface MinerServiceOptions {
  readonly context: MinerContext;
  readonly signing: SigningRun;
  readonly states: ModelStates;
  readonly workerStates: WorkerStates;
  readonly policy: UpdatePolicy;
  readonly journal: Journal;
  /** 32 random bytes. */
  readonly randomSalt: () => Hex;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Seconds of a round on the critical path, by what they were spent on; `idle` is waiting for a phase. */
interface RoundSeconds {
  train: number;
  encode: number;
  store: number;
  transaction: number;
  fetch: number;
  decode: number;
  idle: number;
}

/** Round after round: state, offer, compress, commit, reveal. A round that fails is given up, never the process. */
export class MinerService {
  readonly #options: MinerServiceOptions;

  constructor(options: MinerServiceOptions) {
    this.#options = options;
  }

  /** Runs until aborted. @throws FatalError for what only a person can mend */
  async run(signal: AbortSignal): Promise<void> {
    const { context, log } = this.#options;
    await this.#finishOpenRound(signal);
    let next = 0;
    while (!signal.aborted) {
      const round = await this.#nextRound(next, signal);
      next = round + 1;
      try {
        await this.#work(round, signal);
      } catch (error) {
        signal.throwIfAborted();
        // What the contracts refused for one round (too late, say) does not stop the next.
        if (!(error instanceof WeftError) || !(error.retryable || isMissedRound(error))) throw error;
        log.warn("round lost", { round, neuronId: context.neuronId, error });
        this.#options.metrics.record({ type: "roundLost", round, code: error.code });
      }
    }
  }

  /** The current round or, before genesis and when it was worked on already, the next one; waits for its start. */
  async #nextRound(next: Round, signal: AbortSignal): Promise<Round> {
    const { context } = this.#options;
    await context.follower.sync(signal);
    const round = Math.max(next, context.follower.now()?.round ?? 0);
    await context.follower.untilTime(roundStart(context.run.contracts.clock, round), signal);
    return round;
  }

  async #work(round: Round, signal: AbortSignal): Promise<void> {
    const { context, states, workerStates, policy, clock, metrics } = this.#options;
    const seconds: RoundSeconds = {
      train: 0,
      encode: 0,
      store: 0,
      transaction: 0,
      fetch: 0,
      decode: 0,
      idle: 0,
    };
    context.updates.takeSeconds();
    const state = await states.at(round, signal);
    Object.assign(seconds, context.updates.takeSeconds());

    let mark = clock.now();
    const lap = () => {
      const started = mark;
      mark = clock.now();
      return (mark - started) / 1000;
    };
    const before = workerStates.current;
    const offer = await policy.offer({ state, workerState: before }, signal);
    if (offer === undefined) return;
    seconds.train = lap();
    const composed = composeUpdate(context.run, context.neuronId, state, before, offer);
    seconds.encode = lap();
    await workerStates.save(round, composed.afterRoot, composed.after);
    const entry = await this.#plan(round, composed.bytes, signal);
    seconds.store = lap();
    await this.#commit(entry, signal);
    seconds.transaction += lap();
    await context.follower.untilTime(revealStart(context.run.contracts.clock, round), signal);
    seconds.idle = lap();
    await this.#reveal(round, composed.after, signal);
    seconds.transaction += lap();
    metrics.record({
      type: "round",
      round,
      trainLoss: offer.trainLoss,
      updateBytes: composed.bytes.length,
      seconds,
    });
  }

  /** Seals and stores the update and writes salt and commitment to disk. What the journal holds already stands. */
  async #plan(round: Round, plain: Uint8Array, signal: AbortSignal): Promise<UpdateEntry> {
    const { context, journal, randomSalt } = this.#options;
    const known = journal.update(round);
    if (known !== undefined) return known;
    const { run, neuronId } = context;
    const salt = randomSalt();
    const { encrypted, dataRoot } = sealUpdate(run, plain, neuronId, round, salt);
    const content = await run.store.put(encrypted, { signal });
    const { digest, size } = content;
    const commitment = updateCommitment(
      { ...run.updates, neuronId, round },
      { digest, size, dataRoot },
      salt,
    );
    return journal.planUpdate({
      round,
      neuronId,
      salt,
      commitment,
      content,
      dataRoot,
      plaintext: refOf(plain),
    });
  }

  async #commit(entry: UpdateEntry, signal: AbortSignal): Promise<void> {
    const { signing, journal, log } = this.#options;
    if (entry.status !== "planned") return;
    const { round, dataRoot, commitment } = entry;
    const { digest, size } = entry.content;
    const sent = await commitUpdate(signing, { round, digest, size, dataRoot, commitment }, signal);
    journal.markUpdate(round, "committed", sent.hash);
    log.info("update committed", { round, size });
  }

  async #reveal(round: Round, after: WorkerState, signal: AbortSignal): Promise<void> {
    const { signing, journal, workerStates, log } = this.#options;
    const entry = journal.update(round);
    if (entry?.status !== "committed") return;
    const { dataRoot, salt } = entry;
    const { digest, size } = entry.content;
    const sent = await revealUpdate(signing, { round, digest, size, dataRoot, salt }, signal);
    journal.markUpdate(round, "revealed", sent.hash);
    workerStates.moveTo(after);
    log.info("update revealed", { round });
  }

  /** After a restart: what was committed and can still be revealed is revealed. */
  async #finishOpenRound(signal: AbortSignal): Promise<void> {
    const { context, journal, workerStates, log } = this.#options;
    await context.follower.sync(signal);
    const now = context.follower.now();
    if (now === undefined) return;
    const { clock } = context.run.contracts;
    for (const { round, status } of journal.openUpdates(now.round)) {
      if (status !== "committed" || now.time >= attestStart(clock, round)) continue;
      log.info("revealing what was committed before the restart", { round });
      await context.follower.untilTime(revealStart(clock, round), signal);
      const after = await workerStates.saved(round);
      if (after !== undefined) await this.#reveal(round, after, signal);
    }
  }
}

/** Refusals that concern one round only. */
function isMissedRound(error: WeftError): boolean {
  return error.code === "CONTRACT_REVERT";
}
