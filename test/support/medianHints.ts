/** Q32 division as the contracts do it: truncated, 0 where the divisor is 0. */
const divDown = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : (a << 32n) / b);

const normalised = (values: readonly bigint[]): bigint[] => {
  const sum = values.reduce((total, value) => total + value, 0n);
  return values.map((value) => divDown(value, sum));
};

/**
 * For each of the M columns the index of a validator whose weight is the stake-weighted median, found by sorting:
 * the slow search whose answer the contract only verifies.
 *
 * @param stakes V stakes in wei, 0 for a validator without a row
 * @param weights V × M raw u16
 * @param kappa Q32
 */
export function medianHints(
  stakes: readonly bigint[],
  weights: readonly (readonly number[])[],
  kappa: bigint,
): number[] {
  const voting = normalised(normalised(normalised(stakes)));
  const minority = voting.reduce((total, share) => total + share, 0n) - kappa;
  const rows = weights.map((row) => normalised(row.map(BigInt)));
  const columns = weights[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, column) => {
    const order = rows.map((row, validator) => ({ validator, weight: row[column] ?? 0n }));
    order.sort((a, b) => (a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0));
    let upTo = 0n;
    for (const { validator } of order) {
      upTo += voting[validator]!;
      if (upTo > minority) return validator;
    }
    return 0;
  });
}
