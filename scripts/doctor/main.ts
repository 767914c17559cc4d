/** `npm run doctor`: what this machine can train on, whether a worker could join its run, and what to do about what it cannot. */
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, totalmem } from "node:os";
import { type GivenLocation, locateRun, type RunLocation, runCommand } from "../../workers/cli/runOptions.ts";
import { hotkeyFileOf } from "../../workers/cli/workerOptions.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { runToExit } from "../../workers/runtime/exit.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import { cpuDevice, type Device } from "../../workers/training/device.ts";
import { askInProcess, checkDevices, type DeviceReport, fastestOf } from "../../workers/training/devices.ts";
import { findCudaLibraries } from "./cudaLibraries.ts";
import { examine, type Finding } from "./findings.ts";
import { readRun } from "./readRun.ts";
import { examineRun } from "./runFindings.ts";

interface Given extends GivenLocation {
  readonly as?: string;
  readonly hotkey?: string;
  readonly json?: string;
}

/** The matrix products that devices are compared by: a step of 2,048 tokens through a model 512 wide. */
const probe = { rows: 2048, dim: 512 };
const marks: Readonly<Record<Finding["state"], string>> = { good: "ok  ", note: "--  ", bad: "FAIL" };

await runToExit(async () => {
  const command = runCommand(
    "doctor",
    "Says what this machine can train on, and whether a worker could join its run.",
  )
    .option("--as <name>", "whose hotkey to look at: keys/NAME-hotkey.json in --dir")
    .option("--hotkey <file>", "key file of the hotkey, instead of --as")
    .option("--json <file>", "also write the findings to a file");
  command.parse(process.argv.slice(2), { from: "user" });
  const given = command.opts<Given>();
  const shutdown = installShutdown();
  try {
    const { signal } = shutdown;
    const threads = availableParallelism();
    const reports = await checkDevices({ ...probe, threads }, askInProcess, signal);
    const version: string = createRequire(import.meta.url)("onnxruntime-node/package.json").version;
    const findings = examine({
      node: process.versions.node,
      cores: threads,
      memoryBytes: totalmem(),
      onnxruntime: version,
      reports,
      cuda: await findCudaLibraries(process.platform, process.env),
    });
    const location = await locate(given);
    if (location instanceof WeftError) {
      const advice =
        "Nothing of a run was looked at: name one with --dir, or with --rpc, --registry and --store.";
      findings.push({ what: "run", state: "note", finding: location.message, advice });
    } else {
      const hotkeyFile = hotkeyFileOf(given);
      const readings = await readRun({ location, hotkeyFile, clock: systemClock, signal });
      findings.push(...examineRun(readings, deviceOf(reports), totalmem()));
    }
    for (const { state, what, finding, advice } of findings) {
      console.log(`${marks[state]} ${what.padEnd(13)} ${finding}`);
      if (advice !== undefined) console.log(`${" ".repeat(19)}${advice}`);
    }
    if (given.json !== undefined) await writeFile(given.json, `${JSON.stringify({ findings }, null, 2)}\n`);
    if (findings.some(({ state }) => state === "bad")) process.exitCode = 1;
  } finally {
    shutdown.dispose();
  }
});

/** The device that a worker would take; the CPU where it would take none. */
function deviceOf(reports: readonly DeviceReport[]): Device {
  return reports.some(({ passed }) => passed) ? fastestOf(reports).device : cpuDevice;
}

/** Where the run is; why that is not known where nothing was said of it. */
async function locate(given: Given): Promise<RunLocation | WeftError> {
  try {
    return await locateRun(given);
  } catch (error) {
    const said = given.rpc ?? given.registry ?? given.store;
    if (error instanceof WeftError && error.code === "NETWORK_FILE_MISSING" && said === undefined)
      return error;
    throw error;
  }
}
