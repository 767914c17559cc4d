import type { Hex } from "viem";
import type { Journal } from "../database/journal.ts";
import { loadWorkerState, saveWorkerState } from "../database/workerState.ts";
import type { Round } from "../protocol/quantities.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import type { Log } from "../runtime/log.ts";
import { type WorkerState, workerStateRoot, zeroWorkerState } from "../training/workerState.ts";

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

  /** No update of this miner stands on the chain: the next one starts from the zero state. */
  reset(): void {
    this.#current = zeroWorkerState(this.#specs);
    this.#revealed = undefined;
  }

  /** Writes the state that follows an update, before the update is committed to. Keeps that of the last revealed one. */
  async save(round: Round, root: Hex, state: WorkerState): Promise<void> {
    const { first, second, steps } = state.moments;
    const groups = { errorFeedback: state.errorFeedback, first, second };
    await saveWorkerState(this.#folder, { round, root, step: steps, groups }, this.#revealed);
  }

  /** The update of `round`, which this state follows, was revealed: the next one continues it. */
  moveTo(round: Round, state: WorkerState): void {
    this.#current = state;
    this.#revealed = round;
  }

  /** The state saved for a round; the zero state, a visible reset, with a warning, where there is no intact one. */
  async after(round: Round): Promise<WorkerState> {
    try {
      const saved = await loadWorkerState(this.#folder, round);
      const { errorFeedback, first, second } = saved?.groups ?? {};
      if (saved !== undefined && errorFeedback && first && second) {
        const state = { errorFeedback, moments: { first, second, steps: saved.step } };
        if (workerStateRoot(this.#specs, state) === saved.root) return state;
      }
      this.#log.warn("there is no worker state of this round", { round });
    } catch (error) {
      this.#log.warn("the worker state of this round is unusable", { round, error });
    }
    return zeroWorkerState(this.#specs);
  }
}
