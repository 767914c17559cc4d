/**
 * Symbolic words. A term is built once (equal terms are the same object), is simplified by `simplify.ts` as it is built,
 * and carries a range and a number of low bits that are always zero.
 */
import { simplify } from "./simplify.ts";
import { bitLength, compute, MAX_WORD, MODULUS, type Operation, trailingZeros } from "./words.ts";

export interface Term {
  /** `storage`: the first state of all slots. `store`: (storage, key, value). `select`: (storage, key). */
  readonly op: Operation | "const" | "var" | "storage" | "store" | "select";
  readonly args: readonly Term[];
  readonly value: bigint;
  readonly name: string;
  readonly low: bigint;
  readonly high: bigint;
  readonly zeros: number;
  readonly id: number;
}

const known = new Map<string, Term>();

function intern(key: string, make: (id: number) => Term): Term {
  const found = known.get(key);
  if (found !== undefined) return found;
  const term = make(known.size);
  known.set(key, term);
  return term;
}

const bare = { args: [], value: 0n, name: "", low: 0n, high: MAX_WORD, zeros: 0 } as const;

export function constant(value: bigint): Term {
  return intern(`#${value}`, (id) => ({
    ...bare,
    op: "const",
    value,
    low: value,
    high: value,
    zeros: trailingZeros(value),
    id,
  }));
}

/** An unknown of so many bits. */
export function variable(name: string, bits: number): Term {
  return intern(`$${name}:${bits}`, (id) => ({
    ...bare,
    op: "var",
    name,
    high: (1n << BigInt(bits)) - 1n,
    id,
  }));
}

export const anyStorage: Term = intern("storage", (id) => ({ ...bare, op: "storage", id }));

export function store(storage: Term, key: Term, value: Term): Term {
  const args = [storage, key, value];
  return intern(`store ${args.map((term) => term.id)}`, (id) => ({ ...bare, op: "store", args, id }));
}

export function select(storage: Term, key: Term): Term {
  if (storage.op === "store") {
    const [before, written, value] = storage.args;
    if (written === key) return value;
    if (written.high < key.low || key.high < written.low) return select(before, key);
  }
  const args = [storage, key];
  return intern(`select ${args.map((term) => term.id)}`, (id) => ({ ...bare, op: "select", args, id }));
}

/** The term for an operation, folded or simplified where possible. */
export function apply(op: Operation, ...args: readonly Term[]): Term {
  if (args.every((term) => term.op === "const"))
    return constant(
      compute(
        op,
        args.map((term) => term.value),
      ),
    );
  return simplify(op, args) ?? node(op, args);
}

/** The term for an operation as it stands. */
export function node(op: Operation, args: readonly Term[]): Term {
  return intern(`${op} ${args.map((term) => term.id)}`, (id) => {
    const [low, high] = range(op, args);
    return { ...bare, op, args, low, high, zeros: zeros(op, args), id };
  });
}

/** Bits that may be one: from the lowest that is not always zero up to the highest of the range. */
export function possibleBits(term: Term): bigint {
  const upper = (1n << BigInt(bitLength(term.high))) - 1n;
  return (upper >> BigInt(term.zeros)) << BigInt(term.zeros);
}

function range(op: Operation, args: readonly Term[]): readonly [bigint, bigint] {
  const [a, b, c] = args;
  const whole = [0n, MAX_WORD] as const;
  const within = (low: bigint, high: bigint) =>
    low >= 0n && high < MODULUS ? ([low, high] as const) : whole;
  switch (op) {
    case "add":
      return within(a.low + b.low, a.high + b.high);
    case "sub":
      return within(a.low - b.high, a.high - b.low);
    case "mul":
      return within(a.low * b.low, a.high * b.high);
    case "div":
      return b.low > 0n ? [a.low / b.high, a.high / b.low] : [0n, a.high];
    case "mod":
      return [0n, b.high === 0n ? 0n : min(a.high, b.high - 1n)];
    case "and":
      return [0n, min(a.high, b.high)];
    case "or":
    case "xor":
      return [0n, (1n << BigInt(bitLength(a.high | b.high))) - 1n];
    case "shl":
      return a.op === "const" && a.value < 256n ? within(b.low << a.value, b.high << a.value) : whole;
    case "shr":
      return a.op === "const" && a.value < 256n ? [b.low >> a.value, b.high >> a.value] : [0n, b.high];
    case "lt":
    case "gt":
    case "slt":
    case "sgt":
    case "eq":
    case "iszero":
      return [0n, 1n];
    case "byte":
      return [0n, 255n];
    case "ite":
      return [min(b.low, c.low), b.high > c.high ? b.high : c.high];
    default:
      return whole;
  }
}

function zeros(op: Operation, args: readonly Term[]): number {
  const [a, b] = args;
  switch (op) {
    case "and":
      return Math.max(a.zeros, b.zeros);
    case "or":
    case "add":
    case "sub":
      return Math.min(a.zeros, b.zeros);
    case "mul":
      return Math.min(256, a.zeros + b.zeros);
    case "shl":
      return a.op === "const" ? Number(min(256n, a.value + BigInt(b.zeros))) : b.zeros;
    default:
      return 0;
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** The value of a term, given its variables and the slots of the first state (0 where absent). */
export function evaluate(
  term: Term,
  variables: ReadonlyMap<string, bigint>,
  slots: ReadonlyMap<bigint, bigint>,
  seen = new Map<Term, bigint>(),
): bigint {
  const cached = seen.get(term);
  if (cached !== undefined) return cached;
  const of = (other: Term) => evaluate(other, variables, slots, seen);
  let result: bigint;
  if (term.op === "const") result = term.value;
  else if (term.op === "var") result = variables.get(term.name) ?? 0n;
  else if (term.op === "select") {
    let [storage] = term.args;
    const key = of(term.args[1]);
    while (storage.op === "store" && of(storage.args[1]) !== key) storage = storage.args[0];
    result = storage.op === "store" ? of(storage.args[2]) : (slots.get(key) ?? 0n);
  } else if (term.op === "storage" || term.op === "store") throw new TypeError("storage has no value");
  else result = compute(term.op, term.args.map(of));
  seen.set(term, result);
  return result;
}
