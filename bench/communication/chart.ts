import type { Link } from "./link.ts";
import { communicationShare, roundTimes, type Setting, type Speeds } from "./share.ts";

type Run = Omit<Setting, "threads" | "link"> & { readonly name: string };

const [width, height] = [800, 380];
const margin = { left: 56, right: 220, top: 22, bottom: 44 };
const colours = ["#1d4ed8", "#be185d"];
const dashes = ["2 4", "7 4", ""];
const [shortest, longest] = [60, 7200];
const [least, most] = [0.0005, 1];

/** Share of communication by how long a round trains, as SVG: a line for each number of late steps, a dot where the run is assumed to be. */
export function shareChart(
  runs: readonly Run[],
  threads: number,
  link: Link,
  speeds: Speeds,
  lateCounts: readonly number[],
): string {
  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const x = (seconds: number) =>
    margin.left + (Math.log(seconds / shortest) / Math.log(longest / shortest)) * (right - margin.left);
  const y = (share: number) =>
    margin.top + (Math.log(most / Math.max(share, least)) / Math.log(most / least)) * (bottom - margin.top);
  const shareAt = (run: Run, trainSeconds: number, steps: number) => {
    const setting = { ...run, trainSeconds, threads, link };
    return communicationShare(setting, roundTimes(setting, speeds), steps);
  };
  const lines = runs.flatMap((run, index) =>
    lateCounts.map((steps, which) => {
      const times = Array.from({ length: 121 }, (_, at) => shortest * (longest / shortest) ** (at / 120));
      const points = times.map((s) => `${x(s).toFixed(1)},${y(shareAt(run, s, steps)).toFixed(1)}`).join(" ");
      const share = shareAt(run, run.trainSeconds, steps);
      const [cx, cy] = [x(run.trainSeconds).toFixed(1), y(share).toFixed(1)];
      const dash = dashes[which] === "" ? "" : ` stroke-dasharray="${dashes[which]}"`;
      const row = margin.top + 14 + (lateCounts.length * index + which) * 18;
      const colour = colours[index];
      const label = `${run.name}, ${steps} of ${run.innerSteps} late: ${(100 * share).toFixed(1)} %`;
      return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.8"${dash}/>
<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"/>
<line x1="${right + 10}" x2="${right + 34}" y1="${row - 4}" y2="${row - 4}" stroke="${colour}" stroke-width="2.5"${dash}/>
${text(right + 40, row, label, "start")}`;
    }),
  );
  const xTicks = [60, 300, 1200, 3600, 7200].map(
    (seconds) =>
      `<line x1="${x(seconds)}" x2="${x(seconds)}" y1="${margin.top}" y2="${bottom}" stroke="#e5e5e5"/>${text(x(seconds), bottom + 16, `${seconds / 60}`, "middle")}`,
  );
  const yTicks = [0.001, 0.01, 0.1, 1].map(
    (share) =>
      `<line x1="${margin.left}" x2="${right}" y1="${y(share)}" y2="${y(share)}" stroke="#e5e5e5"/>${text(margin.left - 6, y(share) + 4, `${100 * share} %`, "end")}`,
  );
  const title = "Share of a round spent communicating by minutes of training";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">
<title>${title}</title>
<rect width="100%" height="100%" fill="white"/>
${[...xTicks, ...yTicks, ...lines].join("\n")}
${text(margin.left, margin.top - 8, "share of a round spent communicating", "start")}
${text((margin.left + right) / 2, height - 8, "minutes of training a round", "middle")}
</svg>
`;
}

function text(x: number, y: number, content: string, anchor: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#222">${content}</text>`;
}
