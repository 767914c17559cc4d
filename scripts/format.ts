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

/** What is written to, of which it is asked how wide it is; `process.stdout` fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Characters of a line; undefined where nobody reads lines of one width: a file, a pipe. */
export function widthOf({ isTTY, columns: width = 80 }: Terminal): number | undefined {
  return isTTY === true && width > 0 ? width : undefined;
}

/** Between two columns. */
const gap = "  ";
/** Before what did not fit into the line above. */
const indent = "    ";

/**
 * Rows as aligned columns; the columns whose index is in `right` are right-aligned. A table wider than `width` has several
 * lines a row, the later ones indented and aligned among themselves.
 */
export function columns(
  rows: readonly (readonly string[])[],
  right: readonly number[],
  width?: number,
): string[] {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index].length))) ?? [];
  const lines = folded(widths, width);
  return rows.flatMap((row) =>
    lines
      .map((indexes, line) => {
        const cells = indexes.map((index) =>
          right.includes(index) ? row[index].padStart(widths[index]) : row[index].padEnd(widths[index]),
        );
        return `${line === 0 ? "" : indent}${cells.join(gap)}`.trimEnd();
      })
      .filter((text, line) => line === 0 || text !== ""),
  );
}

/** Indexes of columns by the line that they stand in: as many in each as fit. */
function folded(widths: readonly number[], width = Number.POSITIVE_INFINITY): number[][] {
  const lines: number[][] = [];
  let left = -1;
  for (const [index, needed] of widths.entries()) {
    left -= gap.length + needed;
    if (left >= 0) lines[lines.length - 1].push(index);
    else {
      left = width - (lines.length === 0 ? 0 : indent.length) - needed;
      lines.push([index]);
    }
  }
  return lines;
}

/** A command to copy, up to the end of its line, and any other word. */
const unbroken = /(?:npx|npm|node) \S.*|\S+/g;

/**
 * A line as several of at most `width` characters, broken between words; the later ones are indented further. Commands and
 * words that are longer stay whole, so that they can be copied.
 */
export function wrapped(line: string, width: number | undefined): string[] {
  if (width === undefined || line.length <= width) return [line];
  const start = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = start;
  let end = start.length;
  for (const { 0: word, index } of line.matchAll(unbroken)) {
    const between = line.slice(end, index);
    const fits = current.length + between.length + word.length <= width;
    if (fits || current.trim() === "") current += (current.trim() === "" ? "" : between) + word;
    else {
      lines.push(current);
      current = `${start}  ${word}`;
    }
    end = index + word.length;
  }
  return [...lines, current];
}
