import uPlot from "uplot";
import { scaledText } from "./format.ts";
import type { Values } from "./series.ts";

export interface Line {
  readonly label: string;
  /** By position of x; null leaves a gap. */
  readonly values: Values;
  readonly text: (value: number) => string;
  /** The curve a chart is about; the others are grey and dashed. */
  readonly accent?: boolean;
}

/** Colours of the page, as CSS writes them. */
export interface Palette {
  readonly accent: string;
  readonly ink: string;
  readonly line: string;
}

export interface ChartShape {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
  /** The vertical axis begins at zero. */
  readonly fromZero: boolean;
  /** There is nothing between whole numbers of x. */
  readonly wholeX: boolean;
  readonly palette: Palette;
}

/** Steps between ticks where there is nothing between whole numbers. */
const wholeSteps = Array.from({ length: 12 }, (_, power) => 10 ** power).flatMap((power) => [
  power,
  2 * power,
  5 * power,
]);
const font = "12px system-ui, sans-serif";

/** Options of a line chart without legend. `onPointed` gets the position under the pointer, null when it leaves. */
export function chartOptions(shape: ChartShape, onPointed: (index: number | null) => void): uPlot.Options {
  const { width, height, lines, fromZero, wholeX, palette } = shape;
  const wholeY = lines.every(({ values }) =>
    values.every((value) => value === null || Number.isInteger(value)),
  );
  const axis = {
    stroke: palette.ink,
    font,
    grid: { stroke: palette.line, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) },
      y: { range: (_, low, high) => yRange(low, high, fromZero) },
    },
    axes: [
      { ...axis, size: 28, values: tickTexts, grid: { show: false }, incrs: wholeX ? wholeSteps : undefined },
      { ...axis, size: 56, values: tickTexts, incrs: wholeY ? wholeSteps : undefined },
    ],
    series: [{}, ...lines.map((line) => lineOptions(line, palette))],
    hooks: { setCursor: [({ cursor }) => onPointed(cursor.idx ?? null)] },
  };
}

function lineOptions({ label, accent = false }: Line, palette: Palette): uPlot.Series {
  return {
    label,
    stroke: accent ? palette.accent : palette.ink,
    width: accent ? 2 : 1.5,
    ...(accent ? {} : { dash: [5, 4] }),
    spanGaps: true,
    points: { show: (chart) => (chart.data[0]?.length ?? 0) < 3, size: 5 },
  };
}

/** A flat curve gets room above and below; uPlot's own range needs two values. */
function yRange(low: number | null, high: number | null, fromZero: boolean): [number, number] {
  if (low === null || high === null) return [0, 1];
  const bottom = fromZero ? Math.min(0, low) : low;
  if (bottom === high)
    return [bottom - (fromZero ? 0 : Math.abs(high) * 0.1 || 1), high + (Math.abs(high) * 0.1 || 1)];
  const [from, to] = uPlot.rangeNum(bottom, high, 0.08, true);
  return [fromZero ? bottom : (from ?? bottom), to ?? high];
}

const tickTexts: uPlot.Axis.DynamicValues = (_, ticks, __, ___, step) => {
  const largest = Math.max(...ticks.map(Math.abs));
  return ticks.map((tick) => scaledText(tick, largest, step));
};
