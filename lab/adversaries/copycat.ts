import type { SparseTensor } from "../../workers/codec/sparseTensor.ts";
import type { Offer, RoundWork, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import type { DecodedUpdate } from "../../workers/node/updateReader.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import type { RevealedUpdate } from "../../workers/protocol/roundHistory.ts";
import { type TensorSpec, type Tensors, zeros } from "../../workers/protocol/tensors.ts";

/** Where a copycat finds what others published. */
export interface CopycatSources {
  /** Its own neuron, which it does not copy. */
  readonly neuronId: NeuronId;
  readonly specs: readonly TensorSpec[];
  /** Revealed updates of a round in the order of their commits. */
  readonly reveals: (round: Round) => readonly RevealedUpdate[];
  /** @throws what `UpdateReader.read` throws */
  readonly read: (reveal: RevealedUpdate, signal: AbortSignal) => Promise<DecodedUpdate>;
}

/** Sells an update of somebody else, of the round before, as its own; it never trains. */
export class Copycat implements UpdatePolicy {
  readonly #sources: CopycatSources;

  constructor(sources: CopycatSources) {
    this.#sources = sources;
  }

  /** The first readable update of the round before; undefined where there is none. */
  async offer({ state, workerState }: RoundWork, signal: AbortSignal): Promise<Offer | undefined> {
    const { neuronId, specs, reveals } = this.#sources;
    if (state.round === 0) return undefined;
    for (const reveal of reveals(state.round - 1)) {
      if (reveal.neuronId === neuronId) continue;
      const tensors = await this.#read(reveal, signal);
      if (tensors !== undefined) return { values: dense(specs, tensors), moments: workerState.moments };
    }
    return undefined;
  }

  async close(): Promise<void> {}

  async #read(reveal: RevealedUpdate, signal: AbortSignal): Promise<readonly SparseTensor[] | undefined> {
    try {
      return (await this.#sources.read(reveal, signal)).tensors;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WeftError) return undefined;
      throw error;
    }
  }
}

function dense(specs: readonly TensorSpec[], update: readonly SparseTensor[]): Tensors {
  const values = zeros(specs);
  for (const [index, { positions, values: kept }] of update.entries()) {
    for (const [k, position] of positions.entries()) values[index][position] = kept[k];
  }
  return values;
}
