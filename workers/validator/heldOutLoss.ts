import type { LossFunction } from "../evaluation/lossScore.ts";
import type { ModelStates } from "../node/modelStates.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Metrics } from "../runtime/metrics.ts";

export interface HeldOutLossOptions {
  readonly states: ModelStates;
  /** Text that no miner trains on, T + 1 tokens each. */
  readonly sequences: readonly Int32Array[];
  readonly losses: LossFunction;
  readonly metrics: Metrics;
}

/** Loss of the model on text that no miner trains on: for people to watch, no score depends on it. */
export class HeldOutLoss {
  readonly #options: HeldOutLossOptions;

  constructor(options: HeldOutLossOptions) {
    this.#options = options;
  }

  /** Measures and publishes the loss of θ at the start of `round`, nats per token. */
  async record(round: Round, signal: AbortSignal): Promise<void> {
    const { states, sequences, losses, metrics } = this.#options;
    const { theta } = await states.at(round, signal);
    const each = await losses(theta, sequences, signal);
    const loss = each.reduce((sum, value) => sum + value, 0) / each.length;
    metrics.record({ type: "heldOutLoss", round, loss });
  }
}
