/**
 * Memory and speed of data sets: `npm run bench:data [-- --megabytes 100] [--json FILE]`. A text of so many megabytes is
 * published, as bytes and with a tokenizer, and read as a miner does; each step in a process of its own.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atLeast } from "../workers/cli/commandLine.ts";
import { readDefaultCorpus } from "../workers/data/corpus.ts";
import type { StepFigures, StepTask } from "./data/steps.ts";
import { benchCommand } from "./options.ts";

const given = benchCommand("data", "Memory and speed of publishing and reading a data set.")
  .option("--megabytes <n>", "size of the text", atLeast(1), 100)
  .parse()
  .opts<{ readonly megabytes: number; readonly json?: string }>();

const { megabytes } = given;
const dir = mkdtempSync(join(tmpdir(), "weft-bench-data-"));

/** The default corpus over and over, each document told from its copies by a line of its own. */
async function writeText(): Promise<void> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { training } = await readDefaultCorpus(root, new AbortController().signal);
  const file = openSync(join(dir, "text.jsonl"), "w");
  let left = megabytes * 1e6;
  for (let pass = 0; left > 0; pass++) {
    for (const { text, path } of training) {
      if (left <= 0) break;
      const body = `${path}, ${pass}\n${new TextDecoder().decode(text)}`;
      writeSync(file, `${JSON.stringify({ text: body })}\n`);
      left -= body.length;
    }
  }
}

function measure(task: StepTask): StepFigures {
  const answer = join(dir, "answer.json");
  const script = fileURLToPath(new URL("data/steps.ts", import.meta.url));
  execFileSync(process.execPath, [script, JSON.stringify(task), answer], { stdio: "inherit" });
  return JSON.parse(readFileSync(answer, "utf8"));
}

try {
  await writeText();
  const steps: (StepFigures & Pick<StepTask, "step" | "tokenizer">)[] = [];
  console.log("step     tokenizer  seconds  MB of text/s  peak MB      tokens");
  for (const tokenizer of ["bytes", "bpe"] as const) {
    const published = measure({ step: "publish", dir, tokenizer });
    const { dataset } = published;
    const read = measure({ step: "read", dir, tokenizer, ...(dataset !== undefined && { dataset }) });
    for (const [step, figures] of [
      ["publish", published],
      ["read", read],
    ] as const) {
      steps.push({ step, tokenizer, ...figures });
      const { seconds, peakMB, tokens = 0 } = figures;
      const speed = step === "publish" ? (megabytes / seconds).toFixed(1) : "–";
      const columns = [seconds.toFixed(1).padStart(8), speed.padStart(13), peakMB.toFixed(0).padStart(8)];
      console.log(
        `${step.padEnd(8)} ${tokenizer.padEnd(9)} ${columns.join(" ")} ${String(tokens).padStart(11)}`,
      );
    }
  }
  const near = measure({ step: "publish", dir, tokenizer: "bytes", near: true });
  const { seconds, peakMB, tokens = 0 } = near;
  const speed = `${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(1)} MB of text/s, ${peakMB.toFixed(0)} MB`;
  console.log(`without near duplicates: ${speed}, ${tokens} tokens left`);
  if (given.json !== undefined)
    writeFileSync(given.json, `${JSON.stringify({ megabytes, steps, near }, null, 2)}\n`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
