import type { DatasetReader } from "../data/datasetReader.ts";
import type { Beacons } from "../node/beacons.ts";
import { trainRound } from "../node/trainRound.ts";
import type { Engine } from "../training/engine.ts";
import type { MinerContext, Offer, RoundWork, UpdatePolicy } from "./updatePolicy.ts";

export interface TrainingPolicyOptions {
  readonly context: MinerContext;
  readonly beacons: Beacons;
  readonly dataset: DatasetReader;
  readonly engine: Pick<Engine, "trainInner" | "close">;
}

/** Trains H inner steps on the sequences that the beacon assigns. */
export class TrainingPolicy implements UpdatePolicy {
  readonly #options: TrainingPolicyOptions;

  constructor(options: TrainingPolicyOptions) {
    this.#options = options;
  }

  async offer({ state, workerState }: RoundWork, signal: AbortSignal): Promise<Offer> {
    const { context, beacons, dataset, engine } = this.#options;
    const sources = { run: context.run, beacons, dataset, engine };
    const { values, moments, losses } = await trainRound(
      sources,
      context.neuronId,
      state,
      workerState,
      signal,
    );
    return { values, moments, trainLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length };
  }

  async close(): Promise<void> {
    await this.#options.engine.close();
  }
}
