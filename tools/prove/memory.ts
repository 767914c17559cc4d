/** Memory and calldata of a symbolic run: each byte is a byte of a term. Offsets are numbers. */
import { apply, constant, type Term } from "./terms.ts";

interface Byte {
  readonly term: Term;
  /** From the most significant byte of the word on. */
  readonly index: number;
}

export class Memory {
  readonly #bytes: Map<number, Byte>;

  constructor(bytes: ReadonlyMap<number, Byte> = new Map()) {
    this.#bytes = new Map(bytes);
  }

  copy(): Memory {
    return new Memory(this.#bytes);
  }

  write(offset: number, word: Term): void {
    for (let index = 0; index < 32; index++) this.#bytes.set(offset + index, { term: word, index });
  }

  writeByte(offset: number, word: Term): void {
    this.#bytes.set(offset, { term: word, index: 31 });
  }

  /** The word at `offset`; bytes never written are 0. */
  read(offset: number): Term {
    const first = this.#bytes.get(offset);
    if (first?.index === 0 && this.#isWhole(offset, first.term)) return first.term;
    let word = constant(0n);
    for (let index = 0; index < 32; index++) {
      const byte = this.#bytes.get(offset + index);
      if (byte === undefined) continue;
      const value = apply("byte", constant(BigInt(byte.index)), byte.term);
      word = apply("or", word, apply("shl", constant(BigInt(8 * (31 - index))), value));
    }
    return word;
  }

  copyWithin(to: number, from: number, length: number): void {
    const moved = Array.from({ length }, (_, index) => this.#bytes.get(from + index));
    moved.forEach((byte, index) => {
      if (byte === undefined) this.#bytes.delete(to + index);
      else this.#bytes.set(to + index, byte);
    });
  }

  #isWhole(offset: number, term: Term): boolean {
    for (let index = 1; index < 32; index++) {
      const byte = this.#bytes.get(offset + index);
      if (byte?.term !== term || byte.index !== index) return false;
    }
    return true;
  }
}
