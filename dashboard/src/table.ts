/** What a column sorts by; null goes last either way. */
export type SortKey = number | bigint | string | null;

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly sortBy: (row: Row) => SortKey;
  /** As shown. */
  readonly text: (row: Row) => string;
  readonly href?: (row: Row) => string | undefined;
  /** The whole of what `text` abbreviates. */
  readonly title?: (row: Row) => string;
  readonly number?: boolean;
  /** Text that may take several lines. */
  readonly wrap?: boolean;
}

export interface Order {
  readonly key: string;
  readonly descending: boolean;
}

/** Rows in the order of a column; equal ones keep theirs. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] {
  const column = columns.find(({ key }) => key === order?.key);
  if (column === undefined || order === undefined) return rows;
  const keys = new Map(rows.map((row) => [row, column.sortBy(row)]));
  return rows.toSorted((a, b) => compare(keys.get(a) ?? null, keys.get(b) ?? null, order.descending));
}

/** Rows that have every word of `query` in the text or title of some column; case does not count. */
export function filtered<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  query: string,
): readonly Row[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns
      .map(({ text, title }) => `${text(row)} ${title?.(row) ?? ""}`)
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The order after a press on a column's head: descending first, then the other way. */
export function pressed(order: Order | undefined, key: string): Order {
  return { key, descending: order?.key === key ? !order.descending : true };
}

function compare(a: SortKey, b: SortKey, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const ascending = a < b ? -1 : a > b ? 1 : 0;
  return descending ? -ascending : ascending;
}
