/**
 * Memory and time of an outer step by the number of updates:
 * `npm run bench:aggregation [-- --model 24M] [--updates 8,64] [--json FILE]`. Each step in a process of its own, streamed and
 * with all updates decoded at once.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atLeast } from "../workers/cli/commandLine.ts";
import type { StepFigures, StepTask } from "./aggregation/steps.ts";
import { benchCommand, listOf } from "./options.ts";

const given = benchCommand("aggregation", "Memory and time of an outer step by the number of updates.")
  .option("--model <name>", "size of the model, as in bench:train", "24M")
  .option("--updates <list>", "numbers of updates", listOf(atLeast(1)), [8, 64])
  .parse()
  .opts<{ readonly model: string; readonly updates: readonly number[]; readonly json?: string }>();

const counts = given.updates;
const dir = mkdtempSync(join(tmpdir(), "weft-bench-aggregation-"));
const answer = join(dir, "answer.json");

function run(task: StepTask): void {
  const script = fileURLToPath(new URL("aggregation/steps.ts", import.meta.url));
  execFileSync(process.execPath, [script, JSON.stringify(task), answer], { stdio: "inherit" });
}

try {
  const common = { dir, model: given.model };
  run({ ...common, step: "publish", updates: Math.max(...counts) });
  const rows: (StepFigures & Pick<StepTask, "step" | "updates">)[] = [];
  console.log("updates  step       added MB  of θ  seconds");
  for (const updates of counts) {
    for (const step of ["decodeAll", "stream"] as const) {
      run({ ...common, step, updates });
      const figures: StepFigures = JSON.parse(readFileSync(answer, "utf8"));
      rows.push({ step, updates, ...figures });
      const { addedBytes, thetaBytes, seconds } = figures;
      const share = (addedBytes / thetaBytes).toFixed(2);
      const columns = [(addedBytes / 1e6).toFixed(0).padStart(8), share.padStart(5)];
      console.log(
        `${String(updates).padStart(7)}  ${step.padEnd(9)} ${columns.join(" ")} ${seconds.toFixed(2).padStart(8)}`,
      );
    }
    const roots = new Set(rows.filter((row) => row.updates === updates).map(({ root }) => root));
    if (roots.size !== 1) throw new Error(`${updates} updates: streamed and decoded roots differ`);
  }
  if (given.json !== undefined)
    writeFileSync(given.json, `${JSON.stringify({ model: given.model, rows }, null, 2)}\n`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
