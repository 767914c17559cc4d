import { join } from "node:path";
import { dropWorkerStates, saveWorkerState } from "../database/workerState.ts";
import type { Checkpoint } from "../protocol/checkpoint.ts";
import { roundAt } from "../protocol/clock.ts";
import { FatalError, WeftError } from "../protocol/errors.ts";
import type { BlockTime, Round } from "../protocol/quantities.ts";
import { allOrStop } from "../runtime/allOrStop.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { streamedOuterStep } from "../training/outerStep.ts";
import type { Beacons } from "./beacons.ts";
import type { RunFollower } from "./follower.ts";
import { gatheredUids } from "./gatheredUids.ts";
import type { Run } from "./run.ts";
import { attestedState, checkpointState, genesisState, newestOnDisk, onDisk } from "./startStates.ts";
import { type ModelState, rootOf } from "./stateContent.ts";
import { InvalidUpdate, type OpenedUpdate, type UpdateReader } from "./updateReader.ts";

export interface ModelStatesOptions {
  readonly run: Run;
  readonly follower: RunFollower;
  readonly beacons: Beacons;
  readonly updates: UpdateReader;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Start from a state of this round or an earlier one; from the newest unless given. */
  readonly upTo?: Round;
  /** What to do about an update of a gather set that nobody serves: wait for it (the default), or fail. */
  readonly missing?: "wait" | "fail";
}

/** States kept in memory: the current round's, and those still being scored; one more where audits look further back. */
const keptStates = 3;
const retryMs = 500;

/**
 * θ of every round, bit-exact (DESIGN §7): from θ_0 or the newest state on disk, one gather set after another. A node
 * that lacks an update keeps fetching and waits; it never skips.
 */
export class ModelStates {
  readonly #options: ModelStatesOptions;
  readonly #states = new Map<Round, ModelState>();
  /** Undefined before the first, and after a reorganisation that no state in memory survived. */
  #latest: ModelState | undefined;
  #advancing: Promise<unknown> = Promise.resolve();

  private constructor(options: ModelStatesOptions) {
    this.#options = options;
    options.follower.onRewind(({ timestamp }) => this.#drop(timestamp));
  }

  /**
   * Opens with the newest intact state in the folder, or with the attested checkpoint where that is newer, or with the
   * manifest's θ_0. What the follower has read of the chain says what is attested.
   */
  static async open(options: ModelStatesOptions, signal: AbortSignal): Promise<ModelStates> {
    const states = new ModelStates(options);
    await states.#begin(signal);
    return states;
  }

  /** Latest state computed so far. @throws FatalError STATE_UNKNOWN while a reorganisation is being made up for */
  get latest(): ModelState {
    if (this.#latest === undefined) {
      throw new FatalError("STATE_UNKNOWN", "no state in memory survived a reorganisation of the chain");
    }
    return this.#latest;
  }

  /** A state that is still in memory. */
  kept(round: Round): ModelState | undefined {
    return this.#states.get(round);
  }

  /** θ at the start of `round`, which must not be older than what is kept in memory or on disk; waits for the round and for its updates. */
  async at(round: Round, signal: AbortSignal): Promise<ModelState> {
    const turn = this.#advancing.then(() => this.#advanceTo(round, signal));
    this.#advancing = turn.catch(() => undefined);
    await turn;
    const state = this.#states.get(round) ?? (await onDisk(this.#options, round));
    if (state !== undefined) return state;
    throw new FatalError("STATE_TOO_OLD", `the state of round ${round} is no longer kept`, {
      data: { round },
    });
  }

  /** θ at the start of `round`, worked out again from the checkpoint `from` or from θ_0; this node's own states stay. */
  async replay(from: Checkpoint | undefined, round: Round, signal: AbortSignal): Promise<ModelState> {
    const { run } = this.#options;
    const folder = join(this.#options.folder, "replay");
    dropWorkerStates(folder, 0);
    const start =
      from === undefined ? await genesisState(run, signal) : await checkpointState(run, from, signal);
    const again = new ModelStates({ ...this.#options, folder, metrics: { record: () => undefined } });
    again.#latest = start;
    again.#states.set(start.round, start);
    return again.at(round, signal);
  }

  /** Puts a state in the place of this node's own of that round; what followed from that one is worked out anew. */
  async adopt(state: ModelState): Promise<void> {
    const { round, root, theta } = state;
    const turn = this.#advancing.then(async () => {
      this.#dropFrom(round);
      await saveWorkerState(this.#options.folder, { round, root, step: 0, groups: { theta } });
      this.#latest = state;
      this.#states.set(round, state);
    });
    this.#advancing = turn.catch(() => undefined);
    await turn;
  }

  async #begin(signal: AbortSignal): Promise<ModelState> {
    const { run, log, metrics } = this.#options;
    const kept = await newestOnDisk(this.#options);
    const attested = await attestedState(this.#options, kept?.round ?? 0, signal);
    const start = attested ?? kept ?? (await genesisState(run, signal));
    log.info("start from state", { round: start.round, root: start.root });
    metrics.record({ type: "state", round: start.round, root: start.root, gathered: [], leftOut: [] });
    this.#latest = start;
    this.#states.set(start.round, start);
    return start;
  }

  async #advanceTo(round: Round, signal: AbortSignal): Promise<void> {
    const { run, follower, folder } = this.#options;
    for (;;) {
      const latest = this.#latest ?? (await this.#begin(signal));
      if (latest.round >= round) return;
      const { rewinds } = follower;
      const next = await this.#advance(latest, signal);
      if (rewinds !== follower.rewinds) {
        // Perhaps from what was replaced meanwhile.
        dropWorkerStates(folder, next.round);
        continue;
      }
      this.#latest = next;
      this.#states.set(next.round, next);
      const first = next.round - keptStates - (run.manifest.overlap ?? 0);
      for (const old of this.#states.keys()) if (old <= first) this.#states.delete(old);
    }
  }

  /** Forgets every state that a block after `time` had a part in: the beacon of its gather set is of its round's first block. */
  #drop(time: BlockTime): void {
    const { clock } = this.#options.run.contracts;
    this.#dropFrom(time < clock.genesis ? 1 : Math.max(1, roundAt(clock, time) + 1));
  }

  #dropFrom(first: Round): void {
    const { folder } = this.#options;
    for (const round of this.#states.keys()) if (round >= first) this.#states.delete(round);
    dropWorkerStates(folder, first);
    const newest = Math.max(-1, ...this.#states.keys());
    this.#latest = this.#states.get(newest);
  }

  async #advance(state: ModelState, signal: AbortSignal): Promise<ModelState> {
    const { run, follower, beacons, folder, metrics } = this.#options;
    const { history } = follower;
    const uids = await gatheredUids({ run, beacons, history }, state.round, signal);
    const fetched = await allOrStop(uids, signal, (uid, either) => this.#fetch(state, uid, either));
    const opened = uids.flatMap((uid, place) => {
      const update = fetched[place];
      return update === undefined ? [] : [{ uid, update }];
    });
    const updates = opened.map(({ update }) => update);
    const { theta, added } = streamedOuterStep(state.theta, updates, run.manifest.outer);
    const parts = new Set(added.map((place) => opened[place].uid));
    const root = rootOf(run.specs, theta);
    const next = { round: state.round + 1, theta, root };
    await saveWorkerState(folder, { round: next.round, root, step: 0, groups: { theta } });
    const leftOut = uids.filter((uid) => !parts.has(uid));
    metrics.record({ type: "state", round: next.round, root, gathered: uids, leftOut });
    return next;
  }

  /**
   * An update of the gather set. Undefined after a reorganisation: the state is computed anew then. Undefined also where its
   * bytes are no valid update of this state: that follows from the bytes, so every node leaves it out alike.
   */
  async #fetch(state: ModelState, uid: number, signal: AbortSignal): Promise<OpenedUpdate | undefined> {
    const { follower, updates, clock, log, missing } = this.#options;
    // By who held the uid at the round's start: whoever took it over since may have revealed under it as well.
    const neuronId = follower.history.occupant(uid, state.round);
    const reveal = neuronId === undefined ? undefined : follower.history.rounds.reveal(state.round, neuronId);
    if (reveal === undefined) return undefined;
    const { rewinds } = follower;
    for (;;) {
      try {
        const update = await updates.open(reveal, signal);
        return update.header.parentRoot === state.root ? update : undefined;
      } catch (error) {
        if (error instanceof InvalidUpdate) return undefined;
        if (missing === "fail" || !(error instanceof WeftError && error.retryable)) throw error;
        log.warn("update of the gather set not found yet", { round: state.round, uid, error });
        await clock.sleep(retryMs, signal);
        if (rewinds !== follower.rewinds) return undefined;
      }
    }
  }
}
