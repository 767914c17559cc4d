import { createHash } from "node:crypto";
import type { Offer, RoundWork, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import { type TensorSpec, zeros } from "../../workers/protocol/tensors.ts";

/** Shape and size of the values that noise imitates. */
export interface NoiseSettings {
  readonly neuronId: NeuronId;
  readonly specs: readonly TensorSpec[];
  /** Largest magnitude. H AdamW steps move a parameter by up to about H · learning rate. */
  readonly magnitude: number;
}

/** Offers random values of the right shape and of a size that training would have; it never trains. */
export class Noise implements UpdatePolicy {
  readonly #settings: NoiseSettings;

  constructor(settings: NoiseSettings) {
    this.#settings = settings;
  }

  /** Uniform in ±magnitude, the same whenever the same neuron repeats a round. */
  async offer({ state, workerState }: RoundWork): Promise<Offer> {
    const { neuronId, specs, magnitude } = this.#settings;
    const values = zeros(specs);
    const random = uniform(seedOf(neuronId, state.round));
    for (const tensor of values) {
      for (let position = 0; position < tensor.length; position++) {
        tensor[position] = magnitude * (2 * random() - 1);
      }
    }
    return { values, moments: workerState.moments };
  }

  async close(): Promise<void> {}
}

function seedOf(neuronId: NeuronId, round: Round): number {
  return createHash("sha256").update(`noise/${neuronId}/${round}`).digest().readUInt32LE();
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
