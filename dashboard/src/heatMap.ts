import type { WeightsPage } from "../../workers/projector/api.ts";

export interface HeatRow {
  readonly label: string;
  /** Validators' rows link to their neuron. */
  readonly neuronId: string | undefined;
  /** By position of the uid, shares 0 … 1. */
  readonly values: readonly number[];
}

export interface HeatCell {
  readonly row: number;
  readonly column: number;
}

/** Rows of the map: validators by stake as answered, then consensus and incentive where the epoch is settled. */
export function heatRows({ rows, consensus, incentives }: WeightsPage): HeatRow[] {
  return [
    ...rows.map(({ uid, neuronId, weights }) => ({ label: `uid ${uid}`, neuronId, values: weights })),
    ...(consensus === null ? [] : [{ label: "consensus", neuronId: undefined, values: consensus }]),
    ...(incentives === null ? [] : [{ label: "incentive", neuronId: undefined, values: incentives }]),
  ];
}

/** How strong a cell is drawn, 0 … 1: the square root, so that small weights differ from none. */
export function intensity(value: number, largest: number): number {
  return largest <= 0 || value <= 0 ? 0 : Math.max(0.06, Math.sqrt(Math.min(1, value / largest)));
}

/** Width of a cell in CSS pixels such that all columns fit, but at least `least`, beyond which the map scrolls. */
export function cellWidth(width: number, columns: number, least = 6, most = 64): number {
  return columns === 0 ? most : Math.min(most, Math.max(least, Math.floor(width / columns)));
}

/** The cell after a key press; the same one at an edge or for another key. */
export function moved(cell: HeatCell, key: string, rows: number, columns: number): HeatCell {
  const within = (value: number, end: number) => Math.min(end - 1, Math.max(0, value));
  switch (key) {
    case "ArrowLeft":
      return { ...cell, column: within(cell.column - 1, columns) };
    case "ArrowRight":
      return { ...cell, column: within(cell.column + 1, columns) };
    case "ArrowUp":
      return { ...cell, row: within(cell.row - 1, rows) };
    case "ArrowDown":
      return { ...cell, row: within(cell.row + 1, rows) };
    case "Home":
      return { ...cell, column: 0 };
    case "End":
      return { ...cell, column: columns - 1 };
    default:
      return cell;
  }
}
