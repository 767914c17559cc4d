/** File sizes beyond which a file is likely to hold a second idea (STYLE: the side-by-side table). */
import { glob, readFile } from "node:fs/promises";

const limits: readonly { readonly pattern: string; readonly lines: number }[] = [
  { pattern: "{contracts,proofs}/**/*.sol", lines: 400 },
  { pattern: "{workers,lab,ignition,scripts,tools,bench,dashboard}/**/*.{ts,svelte}", lines: 250 },
  { pattern: "test/**/*.{ts,sol}", lines: 500 },
];

/** Files over their limit, one line each. Generated files do not count. */
export async function checkSizes(): Promise<string[]> {
  const violations: string[] = [];
  for (const { pattern, lines } of limits) {
    for await (const path of glob(pattern)) {
      if (path.includes("/generated/")) continue;
      const count = (await readFile(path, "utf8")).split("\n").length - 1;
      if (count > lines) violations.push(`${path}: ${count} lines, at most ${lines}`);
    }
  }
  return violations.sort();
}
