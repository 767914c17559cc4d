/**
 * Charts and table of docs/benchmarks.md from the JSON of `npm run bench:quality`:
 * `node bench/quality/draw.ts FILE FOLDER` writes the SVG files into FOLDER and prints the table.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "./configurations.ts";
import type { Point } from "./simulate.ts";

interface Result {
  readonly configuration: Configuration;
  readonly points: readonly Point[];
}

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) throw new Error("node bench/quality/draw.ts FILE FOLDER");
const { results }: { results: readonly Result[] } = JSON.parse(readFileSync(file, "utf8"));

/** What the charts show: more lines would hide each other. */
const drawn: Readonly<Record<string, string>> = {
  "AdamW, data parallel": "#555555",
  DiLoCo: "#c2410c",
  "DiLoCo, plain average": "#ea9a3e",
  SparseLoCo: "#1d4ed8",
  "outer rate 1.6": "#0f766e",
  "H = 15": "#7c3aed",
  overlap: "#be185d",
};
const [width, height] = [800, 420];
const margin = { left: 56, right: 260, top: 18, bottom: 44 };

mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, "quality-tokens.svg"),
  chart("tokens, millions", (point) => point.tokens / 1e6, false),
);
writeFileSync(
  join(folder, "quality-bytes.svg"),
  chart("sent by a worker, MB", (point) => point.bytes / 1e6, true),
);
console.log("| configuration | held-out loss | against the default | sent by a worker |\n|---|---|---|---|");
const reference = finalLoss(
  results.find(({ configuration }) => configuration.name === "SparseLoCo")?.points ?? [],
);
for (const { configuration, points } of results) {
  const loss = finalLoss(points);
  const change = `${loss >= reference ? "+" : "−"}${Math.abs((loss / reference - 1) * 100).toFixed(1)} %`;
  const megabytes = points[points.length - 1].bytes / 1e6;
  const digits = megabytes < 10 ? 2 : 0;
  console.log(`| ${configuration.name} | ${loss.toFixed(3)} | ${change} | ${megabytes.toFixed(digits)} MB |`);
}

/** Mean of the last twentieth of the rounds. */
function finalLoss(points: readonly Point[]): number {
  const last = points.slice(-Math.max(1, Math.round(points.length / 20)));
  return last.reduce((sum, { loss }) => sum + loss, 0) / last.length;
}

function chart(axis: string, of: (point: Point) => number, logarithmic: boolean): string {
  const series = results.filter(({ configuration }) => configuration.name in drawn);
  const xs = series.flatMap(({ points }) => points.map(of));
  const ys = series.flatMap(({ points }) => points.map(({ loss }) => loss));
  const scale = logarithmic ? Math.log10 : (value: number) => value;
  const [x0, x1] = [scale(logarithmic ? Math.min(...xs) : 0), scale(Math.max(...xs))];
  const [y0, y1] = [Math.floor(Math.min(...ys) * 5) / 5, Math.min(5, Math.ceil(Math.max(...ys)))];
  const x = (value: number) =>
    margin.left + ((scale(value) - x0) / (x1 - x0)) * (width - margin.left - margin.right);
  const y = (loss: number) =>
    margin.top + ((y1 - Math.min(loss, y1)) / (y1 - y0)) * (height - margin.top - margin.bottom);
  const xTicks = logarithmic
    ? range(Math.ceil(x0), Math.floor(x1), 1).map((power) => 10 ** power)
    : range(0, x1, 0.5);
  const yTicks = range(Math.ceil(y0 * 2) / 2, y1, 0.5);
  const bottom = height - margin.bottom;
  const right = width - margin.right;
  const parts = [
    ...xTicks.map((tick) => tickX(x(tick), bottom, String(Number(tick.toPrecision(3))))),
    ...yTicks.map((tick) => tickY(y(tick), right, tick.toFixed(1))),
    text(margin.left + (right - margin.left) / 2, height - 6, axis, "middle"),
    text(margin.left, margin.top - 4, "held-out loss, nats per byte", "start"),
    ...series.flatMap(({ configuration: { name }, points }, index) => {
      const colour = drawn[name];
      const path = points.map((point) => `${x(of(point)).toFixed(1)},${y(point.loss).toFixed(1)}`).join(" ");
      const at = margin.top + 14 + index * 18;
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.8"/>`,
        `<line x1="${right + 10}" x2="${right + 28}" y1="${at - 4}" y2="${at - 4}" stroke="${colour}" stroke-width="2.5"/>`,
        text(right + 34, at, `${name}  ${finalLoss(points).toFixed(2)}`, "start"),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="Held-out loss by ${axis}">
<title>Held-out loss by ${axis}</title>
<rect width="100%" height="100%" fill="white"/>
${parts.join("\n")}
</svg>
`;
}

function tickX(x: number, bottom: number, label: string): string {
  const line = `<line x1="${x}" x2="${x}" y1="${margin.top}" y2="${bottom}" stroke="#e5e5e5"/>`;
  return line + text(x, bottom + 16, label, "middle");
}

function tickY(y: number, right: number, label: string): string {
  const line = `<line x1="${margin.left}" x2="${right}" y1="${y}" y2="${y}" stroke="#e5e5e5"/>`;
  return line + text(margin.left - 6, y + 4, label, "end");
}

function text(x: number, y: number, content: string, anchor: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${content}</text>`;
}

function range(from: number, to: number, step: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((to - from) / step + 1e-9) + 1) },
    (_, index) => from + index * step,
  );
}
