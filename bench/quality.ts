/**
 * How well models learn by each way of training together: `npm run bench:quality`. Every finished configuration is kept in a
 * folder, so that a run that was stopped goes on.
 */
import { fork } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Option } from "commander";
import { atLeast } from "../workers/cli/commandLine.ts";
import { benchCommand } from "./options.ts";
import { type Configuration, configurations } from "./quality/configurations.ts";
import { type Point, simulate } from "./quality/simulate.ts";
import { readText, writeText } from "./quality/text.ts";

/** A finished configuration. */
interface Finished {
  readonly configuration: Configuration;
  readonly steps: number;
  readonly points: readonly Point[];
}

const given = benchCommand(
  "quality",
  "How well models learn by each way of training together. A run that was stopped goes on.",
)
  .option("--steps <n>", "inner steps a worker makes with four workers: 40 rounds of 30", atLeast(1), 1200)
  .option("--only <name...>", "only these configurations")
  .option("--jobs <n>", "configurations at a time", atLeast(1), availableParallelism())
  .option("--folder <dir>", "where finished ones are kept", ".weft/bench-quality")
  .option("--corpus <file>", "text written by --write-corpus, instead of the installed packages")
  .option("--write-corpus <file>", "write that text and end")
  .addOption(new Option("--child <name>", "plays one configuration").hideHelp())
  .addHelpText("after", `\nConfigurations:\n${configurations.map(({ name }) => `  ${name}`).join("\n")}`)
  .parse()
  .opts<{
    readonly steps: number;
    readonly only?: readonly string[];
    readonly jobs: number;
    readonly folder: string;
    readonly corpus?: string;
    readonly writeCorpus?: string;
    readonly child?: string;
    readonly json?: string;
  }>();

if (given.writeCorpus !== undefined) {
  writeText(given.writeCorpus, await readText(undefined));
} else if (given.child !== undefined) {
  await runOne(given.child);
} else {
  await runAll();
}

function fileOf(name: string): string {
  return join(given.folder, `${name.replaceAll(/[^\w=.β-]+/g, "_")}-${given.steps}.json`);
}

async function runOne(name: string): Promise<void> {
  const configuration = configurations.find((one) => one.name === name);
  if (configuration === undefined) throw new RangeError(`no configuration ${name}`);
  const points: Point[] = [];
  const text = await readText(given.corpus);
  await simulate(configuration, text, given.steps, (point) => points.push(point));
  const file = fileOf(name);
  const finished: Finished = { configuration, steps: given.steps, points };
  writeFileSync(`${file}.partial`, JSON.stringify(finished));
  renameSync(`${file}.partial`, file);
}

async function runAll(): Promise<void> {
  mkdirSync(given.folder, { recursive: true });
  const wanted = configurations.filter(({ name }) => given.only === undefined || given.only.includes(name));
  const waiting = wanted.filter(({ name }) => !existsSync(fileOf(name)));
  const started = performance.now();
  let done = wanted.length - waiting.length;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await inProcess(next.name);
      done += 1;
      const minutes = ((performance.now() - started) / 60_000).toFixed(1);
      console.log(`${done} of ${wanted.length} after ${minutes} min: ${line(read(next.name))}`);
    }
  };
  await Promise.all(Array.from({ length: given.jobs }, work));
  const results = wanted.map(({ name }) => read(name));
  console.log(`\n${"configuration".padEnd(28)} held-out loss  sent by a worker`);
  for (const result of results) console.log(line(result));
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify({ results }, null, 1)}\n`);
}

function inProcess(name: string): Promise<void> {
  const corpus = given.corpus === undefined ? [] : ["--corpus", given.corpus];
  const options = ["--child", name, "--steps", String(given.steps), "--folder", given.folder, ...corpus];
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, options);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}

function read(name: string): Finished {
  const finished: Finished = JSON.parse(readFileSync(fileOf(name), "utf8"));
  return finished;
}

/** The loss at the end is the mean of the last rounds': single rounds scatter by a hundredth. */
function line({ configuration, points }: Finished): string {
  const last = points.slice(-Math.max(1, Math.round(points.length / 20)));
  const loss = last.reduce((sum, point) => sum + point.loss, 0) / last.length;
  const bytes = points[points.length - 1].bytes;
  return `${configuration.name.padEnd(28)} ${loss.toFixed(4).padStart(13)}  ${(bytes / 1e6).toFixed(2).padStart(10)} MB`;
}
