/** Tokens of a fixed width, little-endian, up to a number of them. */
export class TokenBuffer {
  length = 0;
  readonly #capacity: number;
  readonly #tokenBytes: 1 | 2 | 4;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(capacity: number, tokenBytes: 1 | 2 | 4) {
    this.#capacity = capacity;
    this.#tokenBytes = tokenBytes;
    this.#bytes = new Uint8Array(capacity * tokenBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get free(): number {
    return this.#capacity - this.length;
  }

  /** Adds ids from `from` on, as many as there is room for, and returns how many. */
  add(ids: ArrayLike<number>, from: number): number {
    const count = Math.min(this.free, ids.length - from);
    if (ids instanceof Uint8Array && this.#tokenBytes === 1) {
      this.#bytes.set(ids.subarray(from, from + count), this.length);
      this.length += count;
    } else {
      for (let index = 0; index < count; index++) this.addOne(ids[from + index]);
    }
    return count;
  }

  addOne(id: number): void {
    if (this.#tokenBytes === 1) this.#bytes[this.length] = id;
    else if (this.#tokenBytes === 2) this.#view.setUint16(2 * this.length, id, true);
    else this.#view.setUint32(4 * this.length, id, true);
    this.length += 1;
  }

  /** What is in it; it is empty afterwards. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.length * this.#tokenBytes);
    this.length = 0;
    return taken;
  }
}
