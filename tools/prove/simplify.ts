/**
 * Rewriting of terms. Every rule is an identity on words of 256 bits under the ranges its condition reads; the test
 * compares rewritten terms with the operations they came from. They turn packed fields back into the fields, and the
 * compiler's overflow checks into constants where the ranges exclude an overflow.
 */
import { apply, constant, node, possibleBits, type Term } from "./terms.ts";
import { MAX_WORD, MODULUS, type Operation, trailingZeros } from "./words.ts";

const zero = () => constant(0n);
const one = () => constant(1n);

/** A shorter term for the operation, or undefined. Not all arguments are constants. */
export function simplify(op: Operation, args: readonly Term[]): Term | undefined {
  const [a, b, c] = args;
  switch (op) {
    case "add":
      return sum(a, b);
    case "sub":
      return difference(a, b);
    case "mul":
      return product(a, b);
    case "div":
      return quotient(a, b);
    case "mod":
      return isPowerOfTwo(b) ? apply("and", a, constant(b.value - 1n)) : undefined;
    case "addmod":
      // a power of two divides 2^256, so that a sum that wraps keeps its remainder
      if (!isPowerOfTwo(c) && a.high + b.high >= MODULUS) return undefined;
      return c.low > 0n ? apply("mod", apply("add", a, b), c) : undefined;
    case "mulmod":
      if (a.high * b.high < c.low) return apply("mul", a, b);
      return a.high * b.high < MODULUS && c.low > 0n ? apply("mod", apply("mul", a, b), c) : undefined;
    case "gt":
      return apply("lt", b, a);
    case "slt":
    case "sgt":
      if (a.high >= MODULUS / 2n || b.high >= MODULUS / 2n) return undefined;
      return op === "slt" ? apply("lt", a, b) : apply("lt", b, a);
    case "lt":
      return below(a, b);
    case "eq":
      return equal(a, b);
    case "iszero":
      return isZero(a);
    case "and":
      return conjunction(a, b);
    case "or":
      return disjunction(a, b);
    case "shl":
      if (a.op !== "const") return undefined;
      if (a.value === 0n) return b;
      if (a.value > 255n) return zero();
      return b.op === "shl" && b.args[0].op === "const"
        ? apply("shl", constant(a.value + b.args[0].value), b.args[1])
        : undefined;
    case "shr":
      return a.op === "const" ? shiftedRight(a.value, b) : undefined;
    case "ite":
      if (a.low > 0n) return b;
      if (a.high === 0n) return c;
      return b === c ? b : undefined;
    default:
      return undefined;
  }
}

export const isBoolean = (term: Term) => term.high <= 1n;

function isPowerOfTwo(term: Term): boolean {
  return term.op === "const" && term.value > 0n && (term.value & (term.value - 1n)) === 0n;
}

function sum(a: Term, b: Term): Term | undefined {
  if (a.high === 0n) return b;
  if (b.high === 0n) return a;
  return a.op !== "const" && (b.op === "const" || b.id < a.id) ? apply("add", b, a) : undefined;
}

function difference(a: Term, b: Term): Term | undefined {
  if (b.high === 0n) return a;
  if (a === b) return zero();
  if (a.op === "add" && a.args[0] === b) return a.args[1];
  return a.op === "add" && a.args[1] === b ? a.args[0] : undefined;
}

function product(a: Term, b: Term): Term | undefined {
  if (a.high === 0n || b.high === 0n) return zero();
  if (a.op === "const" && a.value === 1n) return b;
  if (b.op === "const" && b.value === 1n) return a;
  if (isPowerOfTwo(a)) return apply("shl", constant(BigInt(trailingZeros(a.value))), b);
  return a.op !== "const" && (b.op === "const" || b.id < a.id) ? apply("mul", b, a) : undefined;
}

function quotient(a: Term, b: Term): Term | undefined {
  if (isPowerOfTwo(b)) return apply("shr", constant(BigInt(trailingZeros(b.value))), a);
  if (a.op === "mul" && a.args[0].high * a.args[1].high < MODULUS) {
    const other = a.args[0] === b ? a.args[1] : a.args[1] === b ? a.args[0] : undefined;
    if (other !== undefined) return apply("ite", apply("iszero", b), zero(), other);
  }
  return undefined;
}

function below(a: Term, b: Term): Term | undefined {
  if (a.high < b.low) return one();
  if (a.low >= b.high || a === b) return zero();
  if (b.op === "const" && b.value === 1n) return apply("iszero", a);
  // a sum that cannot wrap is not below a summand
  if (a.op === "add" && a.args.includes(b) && a.args[0].high + a.args[1].high < MODULUS) return zero();
  // x < x − y exactly where the difference wraps
  if (b.op === "sub" && b.args[0] === a) return apply("lt", a, b.args[1]);
  return undefined;
}

function equal(a: Term, b: Term): Term | undefined {
  if (a === b) return one();
  if (a.high < b.low || b.high < a.low) return zero();
  if (a.high === 0n) return apply("iszero", b);
  if (b.high === 0n) return apply("iszero", a);
  if (a.op === "const" && a.value === 1n && isBoolean(b)) return b;
  if (b.op === "const" && b.value === 1n && isBoolean(a)) return a;
  // what a checked multiplication compares: y = (c ? 0 : y)
  if (b.op === "ite" && b.args[2] === a && b.args[1].high === 0n)
    return apply("or", apply("iszero", b.args[0]), apply("iszero", a));
  if (a.op === "ite" && a.args[2] === b) return equal(b, a);
  return undefined;
}

function isZero(a: Term): Term | undefined {
  if (a.low > 0n) return zero();
  if (a.op === "iszero" && isBoolean(a.args[0])) return a.args[0];
  return a.op === "sub" || a.op === "xor" ? apply("eq", a.args[0], a.args[1]) : undefined;
}

function conjunction(a: Term, b: Term): Term | undefined {
  if (a === b) return a;
  if (b.op === "const") return conjunction(b, a) ?? node("and", [b, a]);
  if (a.op !== "const") return undefined;
  const possible = possibleBits(b);
  if ((a.value & possible) === 0n) return zero();
  if ((a.value & possible) === possible) return b;
  if (b.op === "or") return apply("or", apply("and", a, b.args[0]), apply("and", a, b.args[1]));
  return b.op === "and" && b.args[0].op === "const"
    ? apply("and", constant(a.value & b.args[0].value), b.args[1])
    : undefined;
}

function disjunction(a: Term, b: Term): Term | undefined {
  if (a.high === 0n || a === b) return b;
  if (b.high === 0n) return a;
  if (isBoolean(a) && isBoolean(b)) {
    if (a.low === 1n || b.low === 1n) return one();
    // x ∨ (¬x ∨ y)
    if (b.op === "or" && b.args.includes(apply("iszero", a))) return one();
    if (a.op === "or" && a.args.includes(apply("iszero", b))) return one();
  }
  return b.op === "const" && b.value === MAX_WORD ? b : undefined;
}

function shiftedRight(by: bigint, b: Term): Term | undefined {
  if (by === 0n) return b;
  if (by > 255n || b.high >> by === 0n) return zero();
  const [first, second] = b.args;
  if (b.op === "or")
    return apply("or", apply("shr", constant(by), first), apply("shr", constant(by), second));
  if (b.op === "and" && first.op === "const")
    return apply("and", constant(first.value >> by), apply("shr", constant(by), second));
  if (b.op === "shr" && first.op === "const") return apply("shr", constant(by + first.value), second);
  if (b.op === "shl" && first.op === "const" && second.high << first.value < MODULUS) {
    return by >= first.value
      ? apply("shr", constant(by - first.value), second)
      : apply("shl", constant(first.value - by), second);
  }
  return undefined;
}
