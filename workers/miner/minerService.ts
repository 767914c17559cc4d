import type { Hex } from "viem";
import type { SigningRun } from "../chain/run.ts";
import type { Journal } from "../database/journal.ts";
import type { UpdateEntry } from "../database/journalEntries.ts";
import { composeUpdate } from "../node/composeUpdate.ts";
import { type LateStart, lateStart } from "../node/lateStart.ts";
import type { ModelStates } from "../node/modelStates.ts";
import { sealUpdate } from "../node/sealing.ts";
import { repeatOnRewind } from "../node/sendOnce.ts";
import { attestStart, revealStart, roundStart } from "../protocol/clock.ts";
import { updateCommitment } from "../protocol/commitment.ts";
import { FatalError, WeftError } from "../protocol/errors.ts";
import type { BlockTime, Round } from "../protocol/quantities.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics, RoundSeconds } from "../runtime/metrics.ts";
import { plainSteps, type Steps } from "../runtime/steps.ts";
import { refOf } from "../storage/contentRef.ts";
import { lateSteps } from "../training/lateSteps.ts";
import { type WorkerState, workerStateRoot } from "../training/workerState.ts";
import { UpdateDuty } from "./updateDuty.ts";
import type { MinerContext, UpdatePolicy } from "./updatePolicy.ts";
import type { WorkerStates } from "./workerStates.ts";

export interface MinerServiceOptions {
  readonly context: MinerContext;
  readonly signing: SigningRun;
  readonly states: ModelStates;
  readonly workerStates: WorkerStates;
  readonly policy: UpdatePolicy;
  readonly journal: Journal;
  /** `machineHash` of what trains; updates say so. */
  readonly machine?: Hex | undefined;
  /** 32 random bytes. */
  readonly randomSalt: () => Hex;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly steps?: Steps;
}

function noSeconds(): RoundSeconds {
  return { train: 0, encode: 0, store: 0, transaction: 0, fetch: 0, decode: 0, idle: 0 };
}

/** An update that stands in the journal, and the worker state that follows it. */
interface Planned {
  readonly entry: UpdateEntry;
  readonly after: WorkerState;
  /** What the next round's late steps begin from; absent after a restart, and where they begin from nothing. */
  readonly next?: LateStart | undefined;
  readonly trainLoss: number | undefined;
}

/** Round after round: state, offer, compress, commit, reveal. A round that fails is given up, never the process. */
export class MinerService {
  readonly #options: MinerServiceOptions;
  readonly #duty: UpdateDuty;
  /** Time of the last block that stood through the reorganisations since the present update was begun. */
  #forkedAt: BlockTime = Number.POSITIVE_INFINITY;

  constructor(options: MinerServiceOptions) {
    this.#options = options;
    this.#duty = new UpdateDuty(options);
    options.context.follower.onRewind(({ timestamp }) => {
      this.#forkedAt = Math.min(this.#forkedAt, timestamp);
    });
  }

  /** Runs until aborted. @throws FatalError for what only a person can mend */
  async run(signal: AbortSignal): Promise<void> {
    const { context, log } = this.#options;
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

  /** The next round that can be worked on, `next` or later; waits for its start. */
  async #nextRound(next: Round, signal: AbortSignal): Promise<Round> {
    const { context, journal } = this.#options;
    const { follower, run } = context;
    const { clock } = run.contracts;
    await follower.untilTime(roundStart(clock, next), signal);
    const now = follower.now();
    const current = Math.max(next, now?.round ?? 0);
    // Past the commit phase only what the journal holds can be gone on with, after a restart.
    const late = now?.round === current && now.phase !== "commit" && journal.update(current) === undefined;
    const round = late ? current + 1 : current;
    await follower.untilTime(roundStart(clock, round), signal);
    return round;
  }

  async #work(round: Round, signal: AbortSignal): Promise<void> {
    const { context, journal, clock, metrics } = this.#options;
    const seconds = noSeconds();
    this.#requireUid();
    await this.#duty.followReveals(round);
    const known = journal.update(round);
    if (known !== undefined && this.#duty.isRevealed(known)) return;
    const planned =
      known === undefined ? await this.#make(round, seconds, signal) : await this.#resume(known);
    if (planned === undefined) return;

    const { entry, after, next, trainLoss } = planned;
    const { follower, run } = context;
    if (next !== undefined) this.#options.policy.begin?.(next, after, signal);
    const timed = async (work: () => Promise<void>) => {
      const lap = stopwatch(clock);
      await work();
      seconds.transaction += lap();
    };
    const lap = stopwatch(clock);
    const commit = () => timed(() => this.#duty.commit(entry, signal));
    await repeatOnRewind(follower, revealStart(run.contracts.clock, round), commit, signal);
    seconds.idle = lap() - seconds.transaction;
    let recorded = false;
    const reveal = async () => {
      await timed(() => this.#duty.reveal(round, after, signal));
      if (recorded) return;
      metrics.record({ type: "round", round, trainLoss, updateBytes: entry.plaintext.size, seconds });
      recorded = true;
    };
    await repeatOnRewind(follower, attestStart(run.contracts.clock, round), reveal, signal);
  }

  /** State, offer, compression, sealing; undefined where the policy sits the round out. */
  async #make(round: Round, seconds: RoundSeconds, signal: AbortSignal): Promise<Planned | undefined> {
    const { context, states, workerStates, policy, clock, machine } = this.#options;
    context.updates.takeSeconds();
    this.#forkedAt = Number.POSITIVE_INFINITY;
    const state = await states.at(round, signal);
    Object.assign(seconds, context.updates.takeSeconds());
    const lap = stopwatch(clock);
    const before = workerStates.current;
    const late = await this.#lateStart(round, before, signal);
    const offer = await policy.offer(
      { state, workerState: before, ...(late === undefined ? {} : { late }) },
      signal,
    );
    if (offer === undefined) return undefined;
    seconds.train = lap();
    const { run, neuronId } = context;
    const { bytes, tensors, after, afterRoot } = composeUpdate(run, neuronId, state, before, offer, machine);
    seconds.encode = lap();
    // The round's beginning was replaced meanwhile: nothing is planned yet, so it is made anew.
    if (this.#forkedAt < roundStart(context.run.contracts.clock, round))
      return this.#make(round, seconds, signal);
    // Before the plan: whoever finds a plan after a crash finds the state that belongs to it.
    await workerStates.save(round, afterRoot, after);
    const entry = await this.#plan(round, bytes, signal);
    seconds.store = lap();
    const isFollowed = lateSteps(run.manifest, round + 1) > 0;
    const next = isFollowed ? { round: round + 1, from: state, sent: tensors } : undefined;
    return { entry, after, next, trainLoss: offer.trainLoss };
  }

  /** As the chain tells it: what was begun ahead counts only where it comes to the same. */
  async #lateStart(round: Round, before: WorkerState, signal: AbortSignal): Promise<LateStart | undefined> {
    const { states, context } = this.#options;
    const { run, neuronId, follower, updates } = context;
    if (lateSteps(run.manifest, round) === 0) return undefined;
    const sources = { run, states, updates, history: follower.history };
    return lateStart(sources, neuronId, round, workerStateRoot(run.specs, before), signal);
  }

  /** What was planned before a restart stands: never another content for the same round. */
  async #resume(entry: UpdateEntry): Promise<Planned> {
    const { workerStates, log } = this.#options;
    log.info("going on with what the journal holds", { round: entry.round, status: entry.status });
    return { entry, after: await workerStates.after(entry.round), trainLoss: undefined };
  }

  /** @throws FatalError `UID_LOST`: somebody else's registration took the slot; work would earn nothing */
  #requireUid(): void {
    const { context } = this.#options;
    const { metagraph } = context.follower.history;
    const neuron = metagraph.neuron(context.neuronId);
    if (neuron === undefined || metagraph.holder(neuron.uid)?.neuronId === context.neuronId) return;
    const { neuronId, uid } = neuron;
    throw new FatalError("UID_LOST", `neuron ${neuronId} lost uid ${uid} to a later registration`, {
      data: { neuronId, uid },
      hint: "Register again: npx hardhat register.",
    });
  }

  /** Seals and stores the update and writes salt and commitment to disk. */
  async #plan(round: Round, plain: Uint8Array, signal: AbortSignal): Promise<UpdateEntry> {
    const { context, journal, randomSalt, steps = plainSteps } = this.#options;
    const { run, neuronId } = context;
    const salt = randomSalt();
    const { encrypted, dataRoot } = sealUpdate(run, plain, neuronId, round, salt);
    const content = await steps.take("content stored", () => run.store.put(encrypted, { signal }));
    const { digest, size } = content;
    const commitment = updateCommitment(
      { ...run.updates, neuronId, round },
      { digest, size, dataRoot },
      salt,
    );
    const plan = { round, neuronId, salt, commitment, content, dataRoot, plaintext: refOf(plain) };
    return steps.take("salt stored", () => journal.planUpdate(plan));
  }
}

/** Refusals that concern one round only; also a state before it that this node, which started later, never had. */
function isMissedRound(error: WeftError): boolean {
  return error.code === "CONTRACT_REVERT" || error.code === "STATE_TOO_OLD";
}

/** Seconds since the last lap. */
function stopwatch(clock: Clock): () => number {
  let mark = clock.now();
  return () => {
    const started = mark;
    mark = clock.now();
    return (mark - started) / 1000;
  };
}
