/**
 * A miner or validator that kills itself, as `kill -9` would, before or after a step: `crashingWorker.ts miner before
 * "salt stored" "revealUpdate confirmed" …`, then a worker's own options. It does so once it has taken the second step, and
 * from the beginning where that is "". With "never" it works like any other.
 */
import { flushCompileCache } from "node:module";
import { workerMain } from "../../workers/cli/main.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { workerCommand } from "../../workers/cli/workerOptions.ts";
import type { Steps } from "../../workers/runtime/steps.ts";

// One that is killed would leave nothing for the next one's start.
flushCompileCache();
const [role, when, at, armedBy] = process.argv.splice(2, 4);
let armed = armedBy === "";
const dieAt = (moment: string, step: string) => {
  if (armed && when === moment && step === at) process.kill(process.pid, "SIGKILL");
};

const steps: Steps = {
  async take(step, work) {
    dieAt("before", step);
    const result = await work();
    dieAt("after", step);
    armed ||= step === armedBy;
    return result;
  },
};

await workerMain(workerCommand(role, "For tests."), (options, signal) =>
  role === "validator"
    ? runValidator(options, signal, { steps })
    : runMiner(options, signal, undefined, { steps }),
);
