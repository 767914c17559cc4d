import type { DatasetReader } from "../data/datasetReader.ts";
import type { Beacons } from "../node/beacons.ts";
import type { LateStart } from "../node/lateStart.ts";
import { type LateSteps, type TrainSources, trainLateSteps, trainRound } from "../node/trainRound.ts";
import type { Engine } from "../training/engine.ts";
import type { WorkerState } from "../training/workerState.ts";
import type { MinerContext, Offer, RoundWork, UpdatePolicy } from "./updatePolicy.ts";

export interface TrainingPolicyOptions {
  readonly context: MinerContext;
  readonly beacons: Beacons;
  readonly dataset: DatasetReader;
  readonly engine: Pick<Engine, "trainInner" | "close">;
}

/** Late steps under way, and what they were begun with. */
interface Begun {
  readonly late: LateStart;
  readonly workerState: WorkerState;
  /** Undefined where they failed: they are made again when they are due, and what fails then is said. */
  readonly steps: Promise<LateSteps | undefined>;
  /** Ends them, where nobody will ask for them. */
  readonly stop: AbortController;
}

/** Trains H inner steps on the sequences that the beacon assigns; the late ones ahead, where it is told what from. */
export class TrainingPolicy implements UpdatePolicy {
  readonly #options: TrainingPolicyOptions;
  #begun: Begun | undefined;

  constructor(options: TrainingPolicyOptions) {
    this.#options = options;
    // What was replaced may have drawn the data, or θ.
    options.context.follower.onRewind(() => this.#forget());
  }

  begin(late: LateStart, workerState: WorkerState, signal: AbortSignal): void {
    this.#forget();
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const steps = trainLateSteps(this.#sources(), this.#miner(), late, workerState, both);
    this.#begun = { late, workerState, steps: steps.catch(() => undefined), stop };
  }

  async offer({ state, workerState, late }: RoundWork, signal: AbortSignal): Promise<Offer> {
    const [sources, miner] = [this.#sources(), this.#miner()];
    if (late === undefined) this.#forget();
    const made =
      late === undefined
        ? undefined
        : ((await this.#found(late, workerState)) ??
          (await trainLateSteps(sources, miner, late, workerState, signal)));
    const trained = await trainRound(sources, miner, state, workerState, signal, made);
    const { values, moments, losses } = trained;
    return { values, moments, trainLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length };
  }

  async close(): Promise<void> {
    await this.#options.engine.close();
  }

  /** Late steps that were begun ahead, if with just this. */
  async #found({ round, from }: LateStart, workerState: WorkerState): Promise<LateSteps | undefined> {
    const begun = this.#begun;
    const isThis = begun?.late.round === round && begun.late.from.root === from.root;
    if (!isThis || begun.workerState !== workerState) {
      this.#forget();
      return undefined;
    }
    this.#begun = undefined;
    return begun.steps;
  }

  #forget(): void {
    this.#begun?.stop.abort(new Error("these late steps are for nothing"));
    this.#begun = undefined;
  }

  #sources(): TrainSources {
    const { context, beacons, dataset, engine } = this.#options;
    return { run: context.run, beacons, dataset, engine };
  }

  #miner() {
    return this.#options.context.neuronId;
  }
}
