/** One bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Largest value that is within bounds; no mark where undefined. */
  readonly limit?: number;
}

const [left, barHeight, gap, width, right] = [150, 12, 6, 420, 70];

/** Horizontal bars as SVG, each with its value and a mark at its limit. Values beyond `most` are cut off there. */
export function barChart(title: string, bars: readonly Bar[], most: number): string {
  const height = 40 + bars.length * (barHeight + gap);
  const x = (value: number) => left + (Math.max(0, Math.min(value, most)) / most) * width;
  const rows = bars.map(({ label, value, limit }, index) => {
    const y = 30 + index * (barHeight + gap);
    const colour = limit !== undefined && value > limit ? "#b5372f" : "#3a6ea5";
    const mark =
      limit === undefined
        ? ""
        : `<line x1="${x(limit)}" x2="${x(limit)}" y1="${y - 2}" y2="${y + barHeight + 2}" stroke="#222"/>`;
    return [
      `<text x="${left - 6}" y="${y + 10}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${left}" y="${y}" width="${(x(value) - left).toFixed(1)}" height="${barHeight}" fill="${colour}"/>`,
      mark,
      `<text x="${(x(value) + 6).toFixed(1)}" y="${y + 10}">${value.toFixed(3)}</text>`,
    ].join("");
  });
  const size = `width="${left + width + right}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect ${size} fill="#fff"/>`,
    `<text x="8" y="18" font-size="13">${escaped(title)}</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
