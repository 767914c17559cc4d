/**
 * A miner or validator that kills itself, as `kill -9` would, before or after a step: `crashingWorker.ts miner before
 * "salt stored" …`, then a worker's own options. With "never" it works like any other.
 */
import { workerMain } from "../../workers/cli/main.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { workerCommand } from "../../workers/cli/workerOptions.ts";
import type { Steps } from "../../workers/runtime/steps.ts";

const [role, when, at] = process.argv.splice(2, 3);

const steps: Steps = {
  async take(step, work) {
    if (when === "before" && step === at) process.kill(process.pid, "SIGKILL");
    const result = await work();
    if (when === "after" && step === at) process.kill(process.pid, "SIGKILL");
    return result;
  },
};

await workerMain(workerCommand(role, "For tests."), (options, signal) =>
  role === "validator"
    ? runValidator(options, signal, { steps })
    : runMiner(options, signal, undefined, { steps }),
);
