import type { Offer, RoundWork, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import type { TensorSpec, Tensors } from "../../workers/protocol/tensors.ts";
import { type Moments, zeroWorkerState } from "../../workers/training/workerState.ts";

/** What the forger has to make up. */
export interface AuditForgerSettings {
  readonly specs: readonly TensorSpec[];
  /** H: steps that it says it made. */
  readonly innerSteps: number;
}

/**
 * Trains never: it offers the way that everybody's updates have gone since it came, which lowers the loss and repeats no
 * single update, and makes up moments that look like those of H steps in that direction. Its headers chain; only
 * computing a round again shows what it is.
 */
export class AuditForger implements UpdatePolicy {
  readonly #settings: AuditForgerSettings;
  #first: Tensors | undefined;

  constructor(settings: AuditForgerSettings) {
    this.#settings = settings;
  }

  /** Undefined in the first round it sees: there is no way yet. */
  async offer({ state, workerState }: RoundWork): Promise<Offer | undefined> {
    const first = this.#first;
    if (first === undefined) {
      this.#first = state.theta.map((tensor) => tensor.slice());
      return undefined;
    }
    const values = state.theta.map((tensor, index) =>
      tensor.map((value, position) => first[index][position] - value),
    );
    return { values, moments: this.#invented(values, workerState.moments.steps) };
  }

  async close(): Promise<void> {}

  /** As AdamW's would be after H equal steps along `values`. */
  #invented(values: Tensors, steps: number): Moments {
    const { specs, innerSteps } = this.#settings;
    const { moments } = zeroWorkerState(specs);
    for (const [index, tensor] of values.entries()) {
      for (const [position, value] of tensor.entries()) {
        const gradient = value / innerSteps;
        moments.first[index][position] = gradient;
        moments.second[index][position] = gradient * gradient;
      }
    }
    return { ...moments, steps: steps + innerSteps };
  }
}
