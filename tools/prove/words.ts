/** The EVM's operations on words of 256 bits, on numbers. Symbolic terms fold and are evaluated with the same table. */

export const MODULUS = 1n << 256n;
export const MAX_WORD = MODULUS - 1n;
const HALF = 1n << 255n;

export const wrap = (value: bigint) => BigInt.asUintN(256, value);
const flag = (value: boolean) => (value ? 1n : 0n);
const signed = (value: bigint) => (value >= HALF ? value - MODULUS : value);

export const bitLength = (value: bigint) => (value === 0n ? 0 : value.toString(2).length);

/** Zero bits below the lowest one; 256 for 0. */
export function trailingZeros(value: bigint): number {
  if (value === 0n) return 256;
  const bits = value.toString(2);
  return bits.length - 1 - bits.lastIndexOf("1");
}

/** Arguments in the order in which the EVM takes them from the stack. `ite` is no opcode: condition, then, else. */
export const operations = {
  add: (a: bigint, b: bigint) => wrap(a + b),
  sub: (a: bigint, b: bigint) => wrap(a - b),
  mul: (a: bigint, b: bigint) => wrap(a * b),
  div: (a: bigint, b: bigint) => (b === 0n ? 0n : a / b),
  mod: (a: bigint, b: bigint) => (b === 0n ? 0n : a % b),
  addmod: (a: bigint, b: bigint, n: bigint) => (n === 0n ? 0n : (a + b) % n),
  mulmod: (a: bigint, b: bigint, n: bigint) => (n === 0n ? 0n : (a * b) % n),
  exp: (a: bigint, b: bigint) => power(a, b),
  lt: (a: bigint, b: bigint) => flag(a < b),
  gt: (a: bigint, b: bigint) => flag(a > b),
  slt: (a: bigint, b: bigint) => flag(signed(a) < signed(b)),
  sgt: (a: bigint, b: bigint) => flag(signed(a) > signed(b)),
  eq: (a: bigint, b: bigint) => flag(a === b),
  iszero: (a: bigint) => flag(a === 0n),
  and: (a: bigint, b: bigint) => a & b,
  or: (a: bigint, b: bigint) => a | b,
  xor: (a: bigint, b: bigint) => a ^ b,
  not: (a: bigint) => MAX_WORD - a,
  byte: (i: bigint, a: bigint) => (i > 31n ? 0n : (a >> (8n * (31n - i))) & 255n),
  shl: (s: bigint, a: bigint) => (s > 255n ? 0n : wrap(a << s)),
  shr: (s: bigint, a: bigint) => (s > 255n ? 0n : a >> s),
  clz: (a: bigint) => BigInt(256 - bitLength(a)),
  ite: (c: bigint, a: bigint, b: bigint) => (c !== 0n ? a : b),
} as const;

export type Operation = keyof typeof operations;

export function compute(op: Operation, args: readonly bigint[]): bigint {
  return (operations[op] as (...values: readonly bigint[]) => bigint)(...args);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let bit = bitLength(exponent) - 1; bit >= 0; bit--) {
    result = wrap(result * result);
    if ((exponent >> BigInt(bit)) & 1n) result = wrap(result * base);
  }
  return result;
}
