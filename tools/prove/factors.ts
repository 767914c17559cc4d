/**
 * The factor of a fraction of a half-life never climbs with the fraction. `halfToThePowerUp` multiplies, from the highest
 * bit on, by the root of each bit that is set and rounds up. Two neighbouring fractions share their upper bits, hence
 * the factor F so far; then one goes on with all roots below bit k, the next one with root k alone. The solver shows
 * for each k and every F in [1/2, 1] that the second is not larger: a model of the loop, with the compiled code's roots.
 */

import type { Harness } from "./compile.ts";
import { deploy } from "./exhaust.ts";
import { solve } from "./solver.ts";

const BITS = 32;
const ONE = 1n << 128n;
const SAMPLES = 2_000;

/** What is wrong, or undefined. */
export async function checkFactors(harness: Harness): Promise<string | undefined> {
  const deployed = await deploy(harness);
  const factorOf = async (fraction: bigint) => BigInt(String(await deployed.read("factorOf", [fraction])));
  try {
    // With one bit set the factor is that bit's root: ⌈ONE · root / ONE⌉.
    const roots: bigint[] = [];
    for (let bit = 0; bit < BITS; bit++) roots.push(await factorOf(1n << BigInt(bit)));
    if (roots.some((root) => root >= ONE || root < ONE / 2n)) return "a root is not in [1/2, 1)";
    const last = await factorOf((1n << BigInt(BITS)) - 1n);
    if (last < ONE / 2n) return "the last factor of a half-life is below 1/2, the first of the next";
    for (const fraction of samples()) {
      if ((await factorOf(fraction)) !== model(roots, fraction)) return `the model differs at ${fraction}`;
    }
    for (let k = 0; k < BITS; k++) {
      const { result, model: counterexample } = await solve(neighbours(roots, k));
      if (result !== "unsat") return `bit ${k}: ${result} ${counterexample}`;
    }
    return undefined;
  } finally {
    await deployed.close();
  }
}

/** The loop of `halfToThePowerUp`. */
export function model(roots: readonly bigint[], fraction: bigint): bigint {
  let factor = ONE;
  for (let bit = BITS - 1; bit >= 0; bit--) {
    if ((fraction >> BigInt(bit)) & 1n) factor = (factor * roots[bit] + ONE - 1n) / ONE;
  }
  return factor;
}

/** Satisfiable where some F makes the later of two neighbours larger. Rounding up adds less than 1. */
function neighbours(roots: readonly bigint[], k: number): string {
  const lines = [
    "(set-option :timeout 60000)",
    "(declare-const f Real)",
    `(assert (and (<= ${ONE / 2n}.0 f) (<= f ${ONE}.0)))`,
    `(declare-const later Real)`,
    `(assert (< (* later ${ONE}.0) (+ (* f ${roots[k]}.0) ${ONE}.0)))`,
  ];
  let factor = "f";
  for (let bit = k - 1; bit >= 0; bit--) {
    lines.push(`(declare-const g${bit} Real)`);
    lines.push(`(assert (>= (* g${bit} ${ONE}.0) (* ${factor} ${roots[bit]}.0)))`);
    factor = `g${bit}`;
  }
  lines.push(`(assert (> later ${factor}))`, "(check-sat)", "(get-value (f))");
  return lines.join("\n");
}

/** Neighbours of every power of two, and fractions spread by a multiplicative sequence. */
function samples(): bigint[] {
  const near = Array.from({ length: BITS }, (_, bit) => 1n << BigInt(bit)).flatMap((power) => [
    power - 1n,
    power + 1n,
  ]);
  const spread = Array.from(
    { length: SAMPLES },
    (_, index) => (BigInt(index + 1) * 0x9e3779b1n) & 0xffffffffn,
  );
  return [...near, ...spread];
}
