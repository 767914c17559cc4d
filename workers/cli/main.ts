import type { Command } from "commander";
import { runToExit } from "../runtime/exit.ts";
import { watchParent } from "../runtime/parent.ts";
import { installShutdown } from "../runtime/shutdown.ts";
import { parseWorkerOptions, type WorkerOptions } from "./workerOptions.ts";

/** A worker process from its command line to its exit code. */
export async function workerMain(
  command: Command,
  run: (options: WorkerOptions, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await runToExit(async () => {
    const options = await parseWorkerOptions(command, process.argv.slice(2));
    const shutdown = installShutdown();
    watchParent(shutdown.stop);
    try {
      await run(options, shutdown.signal);
    } catch (error) {
      // A wish to stop is no failure, wherever it was noticed.
      if (!shutdown.signal.aborted) throw error;
    } finally {
      shutdown.dispose();
      if (process.connected) process.disconnect?.();
    }
  });
}
