import type { SparseTensor } from "../codec/sparseTensor.ts";

/** An update whose tensors are had one at a time: decoded anew each time, or from memory. */
export interface TensorSource {
  /** @param index of the tensor in manifest order */
  tensor(index: number): SparseTensor;
}

/** A decoded update. */
export function inMemory(update: readonly SparseTensor[]): TensorSource {
  return { tensor: (index) => update[index] };
}

/** Bytes that a tensor's values and their positions take. */
export function bytesOf({ positions, values }: SparseTensor): number {
  return positions.byteLength + values.byteLength;
}

/** One tensor of every update, decoded once where they fit into `heldBytes` together; the rest again when it is needed. */
export class HeldTensors {
  readonly #sources: readonly TensorSource[];
  readonly #index: number;
  readonly #held = new Map<number, SparseTensor>();
  #left: number;

  constructor(sources: readonly TensorSource[], index: number, heldBytes: number) {
    this.#sources = sources;
    this.#index = index;
    this.#left = heldBytes;
  }

  /** The tensor of the update in this place. */
  at(place: number): SparseTensor {
    const held = this.#held.get(place);
    if (held !== undefined) return held;
    const tensor = this.#sources[place].tensor(this.#index);
    const bytes = bytesOf(tensor);
    if (bytes <= this.#left) {
      this.#left -= bytes;
      this.#held.set(place, tensor);
    }
    return tensor;
  }
}
