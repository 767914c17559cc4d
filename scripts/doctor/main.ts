/** `npm run doctor`: what this machine can train on, and for what it cannot, what to do. */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import { Command } from "commander";
import { runToExit } from "../../workers/runtime/exit.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import { askInProcess, chooseDevice } from "../../workers/training/devices.ts";
import { findCudaLibraries } from "./cudaLibraries.ts";
import { examine, type Finding } from "./findings.ts";

/** The matrix products that devices are compared by: a step of 2,048 tokens through a model 512 wide. */
const probe = { rows: 2048, dim: 512 };
const marks: Readonly<Record<Finding["state"], string>> = { good: "ok  ", note: "--  ", bad: "FAIL" };

await runToExit(async () => {
  const command = new Command("npm run doctor --")
    .description("Says what this machine can train on, and what to do about what it cannot.")
    .option("--json <file>", "also write the findings to a file")
    .parse();
  const shutdown = installShutdown();
  try {
    const threads = availableParallelism();
    const chosen = await chooseDevice("auto", { ...probe, threads }, askInProcess, shutdown.signal);
    const version: string = createRequire(import.meta.url)("onnxruntime-node/package.json").version;
    const findings = examine({
      node: process.versions.node,
      cores: threads,
      memoryBytes: totalmem(),
      onnxruntime: version,
      chosen,
      cuda: await findCudaLibraries(process.platform, process.env),
    });
    for (const { state, what, finding, advice } of findings) {
      console.log(`${marks[state]} ${what.padEnd(12)} ${finding}`);
      if (advice !== undefined) console.log(`${" ".repeat(18)}${advice}`);
    }
    const { json } = command.opts<{ json?: string }>();
    if (json !== undefined) await writeFile(json, `${JSON.stringify({ findings }, null, 2)}\n`);
    if (findings.some(({ state }) => state === "bad")) process.exitCode = 1;
  } finally {
    shutdown.dispose();
  }
});
