/**
 * The dashboard in a browser on a long run that is made up: `npm run bench:dashboard [-- --json FILE --rounds N --visits N]`.
 * For each page, visited anew each time with nothing cached: when the first content is painted, when its figures are drawn,
 * when a key pressed after that is answered, longest task, script and layout shift.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { buildDashboard, findChromium, launchChromium, visit } from "../test/support/dashboardBrowser.ts";
import { atLeast } from "../workers/cli/commandLine.ts";
import { type DrawnPage, pagesOf, watching } from "./dashboard/pages.ts";
import { benchCommand } from "./options.ts";
import { type Shape, shape256 } from "./projector/shape.ts";
import { startSynthetic } from "./projector/syntheticProjector.ts";

const values = benchCommand("dashboard", "The dashboard's pages in Chromium, on a long run that is made up.")
  .option("--rounds <n>", "rounds of the run", atLeast(100), 1000)
  .option("--visits <n>", "visits of each page", atLeast(1), 7)
  .parse()
  .opts<{ readonly rounds: number; readonly visits: number; readonly json?: string }>();
const shape: Shape = { ...shape256, rounds: values.rounds };
const { visits } = values;
const chromium = findChromium();
if (chromium === undefined) throw new Error("no chromium on the PATH or in CHROMIUM_PATH");

/** Milliseconds since the visit began. */
interface Timed {
  readonly firstContentMs: number;
  readonly drawnMs: number;
  readonly interactiveMs: number;
  readonly longestTaskMs: number;
  readonly scriptKB: number;
  readonly shift: number;
}

const dashboard = mkdtempSync(join(tmpdir(), "weft-dist-"));
await buildDashboard(dashboard);
const synthetic = await startSynthetic(shape, { dashboard, reportedRounds: shape.rounds });
const browser = await launchChromium(chromium);
try {
  const { url, events } = synthetic.synced;
  const pages: (Timed & { readonly page: string; readonly slowestMs: number })[] = [];
  for (const page of pagesOf(shape)) {
    const timed: Timed[] = [];
    for (let turn = 0; turn < visits; turn++) timed.push(await timeVisit(browser, url, page));
    const middle = (pick: (each: Timed) => number) =>
      timed.map(pick).sort((a, b) => a - b)[Math.floor((timed.length - 1) / 2)];
    pages.push({
      page: page.name,
      firstContentMs: middle((each) => each.firstContentMs),
      drawnMs: middle((each) => each.drawnMs),
      interactiveMs: middle((each) => each.interactiveMs),
      slowestMs: Math.max(...timed.map((each) => each.interactiveMs)),
      longestTaskMs: middle((each) => each.longestTaskMs),
      scriptKB: middle((each) => each.scriptKB),
      shift: Math.max(...timed.map((each) => each.shift)),
    });
  }
  const rounded = pages.map(({ page, shift, ...figures }) => ({
    page,
    ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value)])),
    shift: shift.toFixed(3),
  }));
  console.log(
    `${events.toLocaleString("en")} events; ${visits} visits a page, the middle one of each figure`,
  );
  console.table(rounded);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ ...shape, events, visits, pages }, null, 2)}\n`);
} finally {
  await browser.close();
  synthetic.close();
  rmSync(dashboard, { recursive: true, force: true });
}

async function timeVisit(browser: Browser, url: string, { hash, drawn }: DrawnPage): Promise<Timed> {
  const visited = await visit(browser, `${url}/${hash}`, { script: watching(drawn) });
  const { page } = visited;
  const drawnMs = await page.evaluate<number | null>("drawn");
  if (drawnMs === null) throw new Error(`${hash} was not drawn: ${await page.locator("main").innerText()}`);
  await page.keyboard.press("Tab");
  const { interactiveMs, firstContentMs, longestTaskMs } =
    await page.evaluate<Pick<Timed, "interactiveMs" | "firstContentMs" | "longestTaskMs">>("answered");
  if (visited.errors.length > 0) throw new Error(`${hash}: ${visited.errors.join("; ")}`);
  const scriptKB = [...visited.scripts.values()].reduce((sum, size) => sum + size, 0) / 1000;
  const shift = await visited.shift();
  await visited.close();
  return { firstContentMs, drawnMs, interactiveMs, longestTaskMs, scriptKB, shift };
}
