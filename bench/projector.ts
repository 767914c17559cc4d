/**
 * The projector on a long run that is made up: `npm run bench:projector [-- --json FILE --rounds N]`. Events taken in per
 * second from cold, from JSON-RPC to the database; the projector's memory; how long each page takes, by HTTP.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { atLeast } from "../workers/cli/commandLine.ts";
import { benchCommand } from "./options.ts";
import type { FromProjector } from "./projector/projectorProcess.ts";
import { clock, type Shape, shape256 } from "./projector/shape.ts";
import { startSynthetic } from "./projector/syntheticProjector.ts";

const asksPerPage = 40;
const blocksTimed = 20;

const values = benchCommand("projector", "The projector on a long run that is made up.")
  // Enough for every page to be asked for often.
  .option("--rounds <n>", "rounds of the run", atLeast(100), 2000)
  .parse()
  .opts<{ readonly rounds: number; readonly json?: string }>();
const shape: Shape = { ...shape256, rounds: values.rounds };
const { chain, projector, synced, close } = await startSynthetic(shape);
try {
  const pages = await timePages(synced.url);
  const visibleMs = await timeBlocks(synced.url, chain);
  projector.send("stop");
  const [ended] = (await once(projector, "message")) as [FromProjector];
  const { events, coldSeconds } = synced;
  const result = {
    ...shape,
    events,
    coldSeconds,
    eventsPerSecond: events / coldSeconds,
    coldPeakResidentMB: synced.peakBytes / 1e6,
    peakResidentMB: ended.peakBytes / 1e6,
    blockVisibleP95Ms: visibleMs,
    pages,
  };
  print(result);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  close();
}

interface PageTime {
  readonly page: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly kilobytes: number;
}

/** Each page of other rounds and neurons every time, so that no answer is one that was kept. */
async function timePages(url: string): Promise<PageTime[]> {
  const { rounds } = shape;
  const epochs = Math.floor(rounds / clock.tempo) - 2;
  const paths: readonly (readonly [string, (index: number) => string])[] = [
    ["network", (index) => `network?${index}`],
    ["rounds", (index) => `rounds?from=${index}&to=${index + 199}`],
    ["all rounds", (index) => `rounds?from=${index}&to=${rounds}`],
    ["round", (index) => `rounds/${rounds - 42 - index}`],
    ["epochs", (index) => `epochs?${index}`],
    ["weights", (index) => `epochs/${epochs - (index % epochs)}/weights`],
    ["neurons", (index) => `neurons?${index}`],
    ["miner", (index) => `neurons/${shape.validators + 1 + index}`],
    ["validator", (index) => `neurons/${1 + index}`],
    ["receipt", (index) => `neurons/${shape.validators + 1 + index}/receipts/${epochs - 1}`],
  ];
  const times: PageTime[] = [];
  for (const [page, pathOf] of paths) {
    const taken: number[] = [];
    let bytes = 0;
    for (let index = 0; index < asksPerPage; index++) {
      const start = performance.now();
      const response = await fetch(`${url}/api/${pathOf(index)}`);
      bytes = (await response.arrayBuffer()).byteLength;
      taken.push(performance.now() - start);
      if (!response.ok) throw new Error(`${pathOf(index)} answers ${response.status}`);
    }
    const sorted = taken.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
    times.push({ page, p50Ms: at(0.5), p95Ms: at(0.95), kilobytes: bytes / 1000 });
  }
  return times;
}

/** From a block's appearance on the chain to the event that tells it; 95th percentile of some, milliseconds. */
async function timeBlocks(url: string, chain: ChildProcess): Promise<number> {
  const response = await fetch(`${url}/api/events`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error("no events");
  const taken: number[] = [];
  await reader.read();
  for (let block = 0; block < blocksTimed; block++) {
    // Not in step with the projector's looks.
    await pause(150 + 37 * block);
    const start = performance.now();
    chain.send("mine");
    await reader.read();
    taken.push(performance.now() - start);
  }
  await reader.cancel();
  return taken.toSorted((a, b) => a - b)[Math.ceil(0.95 * blocksTimed) - 1];
}

interface Result {
  readonly blockVisibleP95Ms: number;
  readonly events: number;
  readonly coldSeconds: number;
  readonly eventsPerSecond: number;
  readonly coldPeakResidentMB: number;
  readonly peakResidentMB: number;
  readonly pages: readonly PageTime[];
}

function print({ pages, ...all }: Result): void {
  const rate = Math.round(all.eventsPerSecond).toLocaleString("en");
  const megabytes = `${all.coldPeakResidentMB.toFixed(0)} MB then, ${all.peakResidentMB.toFixed(0)} MB with the pages`;
  console.log(
    `${all.events.toLocaleString("en")} events from cold in ${all.coldSeconds.toFixed(1)} s: ${rate} a second; peak resident ${megabytes}`,
  );
  console.log(`a new block is told after ${all.blockVisibleP95Ms.toFixed(0)} ms (95th percentile)`);
  console.table(
    pages.map(({ page, p50Ms, p95Ms, kilobytes }) => ({
      page,
      "p50 ms": p50Ms.toFixed(1),
      "p95 ms": p95Ms.toFixed(1),
      kB: kilobytes.toFixed(1),
    })),
  );
}
