/**
 * Terms as SMT-LIB, in one of two theories. `bits`: bit vectors and arrays, the EVM's own arithmetic. `integers`:
 * unbounded integers, wrapped only where a term's range does not exclude an overflow; a division by an unknown becomes
 * a quotient and a remainder with their defining inequality.
 */
import { isBoolean } from "./simplify.ts";
import { possibleBits, type Term } from "./terms.ts";
import { bitLength, MODULUS, trailingZeros } from "./words.ts";

export type Theory = "bits" | "integers";

/** A term that the theory of integers has no formula for. */
export class NoFormula extends Error {
  override readonly name = "NoFormula";
}

/** A script that is satisfiable exactly where all conditions hold (are not zero). */
export function script(theory: Theory, conditions: readonly Term[], timeoutMs: number): string {
  const writer = new Writer(theory);
  const assertions = conditions.map((condition) => `(assert ${writer.truth(condition)})`);
  const values = [...writer.variables];
  return [
    `(set-option :timeout ${timeoutMs})`,
    ...(theory === "bits" ? ["(set-logic QF_ABV)"] : []),
    ...writer.lines,
    ...assertions,
    "(check-sat)",
    ...(values.length > 0 ? [`(get-value (${values.join(" ")}))`] : []),
  ].join("\n");
}

class Writer {
  readonly lines: string[] = [];
  readonly variables = new Set<string>();
  readonly #theory: Theory;
  readonly #written = new Map<Term, string>();

  constructor(theory: Theory) {
    this.#theory = theory;
  }

  /** The formula that says a term is not zero. */
  truth(term: Term): string {
    const [a, b] = term.args;
    if (term.op === "const") return String(term.value !== 0n);
    if (term.op === "lt")
      return `(${this.#theory === "bits" ? "bvult" : "<"} ${this.word(a)} ${this.word(b)})`;
    if (term.op === "eq") return `(= ${this.word(a)} ${this.word(b)})`;
    if (term.op === "iszero")
      return isBoolean(a) ? `(not ${this.truth(a)})` : `(= ${this.word(a)} ${this.#number(0n)})`;
    const logical = term.op === "and" || term.op === "or";
    if (logical && isBoolean(a) && isBoolean(b)) return `(${term.op} ${this.truth(a)} ${this.truth(b)})`;
    return `(not (= ${this.word(term)} ${this.#number(0n)}))`;
  }

  word(term: Term): string {
    const found = this.#written.get(term);
    if (found !== undefined) return found;
    const text = term.op === "const" ? this.#number(term.value) : this.#define(term);
    this.#written.set(term, text);
    return text;
  }

  #define(term: Term): string {
    const sort = this.#theory === "bits" ? "(_ BitVec 256)" : "Int";
    if (term.op === "storage") {
      this.lines.push(`(declare-const storage (Array ${sort} ${sort}))`);
      return "storage";
    }
    if (term.op === "var") {
      this.lines.push(`(declare-const ${term.name} ${sort})`);
      this.variables.add(term.name);
      this.#bound(term.name, term.high);
      return term.name;
    }
    const name = `t${term.id}`;
    const truth =
      ["lt", "eq", "iszero"].includes(term.op) || (isBoolean(term) && ["and", "or"].includes(term.op));
    const body = truth
      ? `(ite ${this.truth(term)} ${this.#number(1n)} ${this.#number(0n)})`
      : this.#theory === "bits"
        ? this.#bits(term)
        : this.#integer(term);
    const own = term.op === "store" ? `(Array ${sort} ${sort})` : sort;
    this.lines.push(`(define-fun ${name} () ${own} ${body})`);
    return name;
  }

  #bound(name: string, high: bigint): void {
    if (this.#theory === "integers") this.lines.push(`(assert (and (<= 0 ${name}) (<= ${name} ${high})))`);
    else if (high < MODULUS - 1n) this.lines.push(`(assert (bvule ${name} ${this.#number(high)}))`);
  }

  #number(value: bigint): string {
    return this.#theory === "bits" ? `(_ bv${value} 256)` : String(value);
  }

  #bits(term: Term): string {
    const [a, b, c] = term.args;
    const zero = this.#number(0n);
    const two = (name: string) => `(${name} ${this.word(a)} ${this.word(b)})`;
    const guarded = (name: string) => `(ite (= ${this.word(b)} ${zero}) ${zero} ${two(name)})`;
    const names: Partial<Record<Term["op"], string>> = {
      add: "bvadd",
      sub: "bvsub",
      mul: "bvmul",
      and: "bvand",
    };
    Object.assign(names, { or: "bvor", xor: "bvxor", select: "select" });
    const name = names[term.op];
    if (name !== undefined) return two(name);
    if (term.op === "div") return guarded("bvudiv");
    if (term.op === "mod") return guarded("bvurem");
    if (term.op === "not") return `(bvnot ${this.word(a)})`;
    if (term.op === "shl") return `(bvshl ${this.word(b)} ${this.word(a)})`;
    if (term.op === "shr") return `(bvlshr ${this.word(b)} ${this.word(a)})`;
    if (term.op === "ite") return `(ite ${this.truth(a)} ${this.word(b)} ${this.word(c)})`;
    if (term.op === "store") return `(store ${this.word(a)} ${this.word(b)} ${this.word(c)})`;
    throw new NoFormula(term.op);
  }

  #integer(term: Term): string {
    const [a, b, c] = term.args;
    const wrapped = (text: string, fits: boolean) => (fits ? text : `(mod ${text} ${MODULUS})`);
    switch (term.op) {
      case "add":
        return wrapped(`(+ ${this.word(a)} ${this.word(b)})`, a.high + b.high < MODULUS);
      case "mul":
        return wrapped(`(* ${this.word(a)} ${this.word(b)})`, a.high * b.high < MODULUS);
      case "sub": {
        const [x, y] = [this.word(a), this.word(b)];
        return a.low >= b.high
          ? `(- ${x} ${y})`
          : `(ite (<= ${y} ${x}) (- ${x} ${y}) (+ (- ${x} ${y}) ${MODULUS}))`;
      }
      case "div":
      case "mod":
        return this.#division(term.op, a, b);
      case "and":
        if (a.op === "const") return this.#masked(a.value, b);
        break;
      case "or":
        if ((possibleBits(a) & possibleBits(b)) === 0n) return `(+ ${this.word(a)} ${this.word(b)})`;
        break;
      case "shl":
        if (a.op === "const")
          return wrapped(`(* ${1n << a.value} ${this.word(b)})`, b.high << a.value < MODULUS);
        break;
      case "shr":
        if (a.op === "const") return `(div ${this.word(b)} ${1n << a.value})`;
        break;
      case "not":
        return `(- ${MODULUS - 1n} ${this.word(a)})`;
      case "ite":
        return `(ite ${this.truth(a)} ${this.word(b)} ${this.word(c)})`;
    }
    throw new NoFormula(term.op);
  }

  /** A mask of adjacent ones, as division and remainder. */
  #masked(mask: bigint, term: Term): string {
    const from = trailingZeros(mask);
    const width = bitLength(mask) - from;
    if (mask >> BigInt(from) !== (1n << BigInt(width)) - 1n) throw new NoFormula(`mask ${mask}`);
    const moved = from === 0 ? this.word(term) : `(div ${this.word(term)} ${1n << BigInt(from)})`;
    return `(* ${1n << BigInt(from)} (mod ${moved} ${1n << BigInt(width)}))`;
  }

  #division(op: "div" | "mod", a: Term, b: Term): string {
    const [x, y] = [this.word(a), this.word(b)];
    if (b.op === "const" && b.value > 0n) return `(${op} ${x} ${y})`;
    const [q, r] = [`q${a.id}_${b.id}`, `r${a.id}_${b.id}`];
    const declaration = `(declare-const ${q} Int)`;
    if (!this.lines.includes(declaration)) {
      this.lines.push(declaration, `(declare-const ${r} Int)`);
      this.lines.push(`(assert (and (<= 0 ${q}) (<= ${q} ${x}) (<= 0 ${r})))`);
      this.lines.push(`(assert (=> (< 0 ${y}) (and (= ${x} (+ (* ${y} ${q}) ${r})) (< ${r} ${y}))))`);
      this.lines.push(`(assert (=> (= 0 ${y}) (and (= ${q} 0) (= ${r} 0))))`);
    }
    return op === "div" ? q : r;
  }
}
