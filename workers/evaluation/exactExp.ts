/** ln 2 in two parts: the first has so few bits that k of it are exact. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
/** Remez polynomial of x · (eˣ + 1) / (eˣ − 1) on [0, ln 2 / 2], in x². */
const remez = [
  0.16666666666666602, -2.7777777777015593e-3, 6.6137563214379344e-5, -1.6533902205465252e-6,
  4.1381367970572385e-8,
];
/** Beyond these the result is infinite, or 0. */
const highest = 709.782712893384;
const lowest = -745.1332191019411;

/**
 * eˣ by additions, multiplications and divisions alone (FreeBSD msun, `e_exp.c`): the same bits on every machine, which
 * `Math.exp` does not promise. Off by less than one unit in the last place.
 */
export function exactExp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > highest) return Number.POSITIVE_INFINITY;
  if (x < lowest) return 0;
  // x = k ln 2 + r with |r| ≤ ln 2 / 2, r in two parts.
  const k = Math.round(x / ln2High);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const square = r * r;
  const polynomial = remez.reduceRight((sum, factor) => factor + square * sum, 0);
  const c = r - square * polynomial;
  return scaled(1 - (low - (r * c) / (2 - c) - high), k);
}

/** value · 2ᵏ in steps that are exact, the last one rounded where the result is subnormal. */
function scaled(value: number, k: number): number {
  const factor = k < 0 ? 0.5 : 2;
  let result = value;
  for (let step = 0; step < Math.abs(k); step++) result *= factor;
  return result;
}
