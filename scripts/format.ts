import { type Address, formatEther } from "viem";

const CENT = 10n ** 16n;

/** Whole tokens with two decimals, rounded down, thousands apart. */
export function tokens(wei: bigint): string {
  const hundredths = wei / CENT;
  const text = `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, "0")}`;
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}

/** An amount with its unit: two decimals, all of them where less than a hundredth would read as nothing. */
export function amount(wei: bigint, unit: string): string {
  return `${wei > 0n && wei < CENT ? formatEther(wei) : tokens(wei)} ${unit}`;
}

/** A whole number, thousands apart. */
export function count(value: bigint | number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}

/** `0x1234…cdef`: enough of an address to tell it from its neighbours. */
export function shortAddress(address: Address): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** Foreign text for a terminal: what would move the cursor, hide or reverse text is shown as `?`. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

/** Rows as aligned columns; the columns whose index is in `right` are right-aligned. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const widths = rows[0].map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  return rows.map((row) =>
    row
      .map((cell, index) =>
        right.includes(index) ? cell.padStart(widths[index]) : cell.padEnd(widths[index]),
      )
      .join("  ")
      .trimEnd(),
  );
}
