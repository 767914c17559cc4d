import type { Hex } from "viem";
import type { Journal } from "../database/journal.ts";
import { loadWorkerState, saveWorkerState } from "../database/workerState.ts";
import type { Round } from "../protocol/quantities.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import type { Log } from "../runtime/log.ts";
import { type WorkerState, workerStateRoot, zeroWorkerState } from "../training/workerState.ts";

/** A revealed update's way from one worker state to the next. */
export interface Transition {
  readonly round: Round;
  readonly before: WorkerState;
  readonly after: WorkerState;
}

/** A transition, and the round of the update that its `before` follows; undefined for the zero state. */
interface KnownTransition extends Transition {
  readonly beforeRound: Round | undefined;
}

/** Transitions in memory: of the last revealed update, and of the one before while that is still asked for. */
const keptTransitions = 2;

/**
 * A miner's worker state on disk. It only moves on with an update that was revealed: the next one's `stateBefore` must be
 * the last revealed one's `stateAfter` (DESIGN §10), so what a failed round changed is dropped.
 */
export class WorkerStates {
  readonly #specs: readonly TensorSpec[];
  readonly #folder: string;
  readonly #log: Log;
  #current: WorkerState;
  /** Round of the update that `#current` follows; undefined for the zero state. */
  #revealed: Round | undefined;
  /** Of revealed updates, oldest first. */
  #transitions: readonly KnownTransition[] = [];

  private constructor(specs: readonly TensorSpec[], folder: string, log: Log, current: WorkerState) {
    this.#specs = specs;
    this.#folder = folder;
    this.#log = log;
    this.#current = current;
  }

  /** Opens with the state of the journal's last revealed update; with the zero state where it is missing or broken. */
  static async open(
    specs: readonly TensorSpec[],
    folder: string,
    journal: Journal,
    log: Log,
  ): Promise<WorkerStates> {
    const zero = new WorkerStates(specs, folder, log, zeroWorkerState(specs));
    const last = journal.lastRevealedUpdate();
    if (last === undefined) return zero;
    const earlier = journal.revealedUpdateBefore(last.round);
    if (earlier !== undefined) {
      zero.#current = await zero.after(earlier.round);
      zero.#revealed = earlier.round;
    }
    zero.moveTo(last.round, await zero.after(last.round));
    return zero;
  }

  /** State after the last revealed update. */
  get current(): WorkerState {
    return this.#current;
  }

  /** Round of the update that it follows; undefined for the zero state. */
  get revealed(): Round | undefined {
    return this.#revealed;
  }

  /** States around a revealed update of a late round, for its audit; undefined where it was not revealed from here. */
  transition(round: Round): Transition | undefined {
    return this.#transitions.find((transition) => transition.round === round);
  }

  /** No update of this miner stands on the chain: the next one starts from the zero state. */
  reset(): void {
    this.#current = zeroWorkerState(this.#specs);
    this.#revealed = undefined;
    this.#transitions = [];
  }

  /** Writes the state that follows an update, before the update is committed to. Keeps those around the last revealed one. */
  async save(round: Round, root: Hex, state: WorkerState): Promise<void> {
    const { first, second, steps } = state.moments;
    const groups = { errorFeedback: state.errorFeedback, first, second };
    const machine = state.machine === undefined ? {} : { machine: state.machine };
    const last = this.#transitions.at(-1);
    const needed = [this.#revealed, last?.round, last?.beforeRound].filter((known) => known !== undefined);
    await saveWorkerState(this.#folder, { round, root, step: steps, ...machine, groups }, needed);
  }

  /** The update of `round`, which this state follows, was revealed: the next one continues it. */
  moveTo(round: Round, state: WorkerState): void {
    const known = this.#transitions.find((transition) => transition.round === round);
    const earlier = this.#transitions.filter((transition) => transition.round < round);
    // Back after a reorganisation, to an update whose way is not known any more: there is nothing to publish of it.
    const isLost = known === undefined && this.#revealed !== undefined && this.#revealed > round;
    const made = { round, before: this.#current, beforeRound: this.#revealed, after: state };
    this.#transitions = isLost ? earlier : [...earlier, known ?? made].slice(-keptTransitions);
    this.#current = state;
    this.#revealed = round;
  }

  /** The state saved for a round; the zero state, a visible reset, with a warning, where there is no intact one. */
  async after(round: Round): Promise<WorkerState> {
    try {
      const saved = await loadWorkerState(this.#folder, round);
      const { errorFeedback, first, second } = saved?.groups ?? {};
      if (saved !== undefined && errorFeedback && first && second) {
        const machine = saved.machine === undefined ? {} : { machine: saved.machine };
        const state = { errorFeedback, moments: { first, second, steps: saved.step }, ...machine };
        if (workerStateRoot(this.#specs, state) === saved.root) return state;
      }
      this.#log.warn("there is no worker state of this round", { round });
    } catch (error) {
      this.#log.warn("the worker state of this round is unusable", { round, error });
    }
    return zeroWorkerState(this.#specs);
  }
}
