import { runToExit } from "../../workers/runtime/exit.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import type { Children } from "./children.ts";
import { releaseFolder, takeFolder } from "./folder.ts";

/** What a command does with a local network: `work` on a folder that is this process's alone, with `children`. */
export interface Session {
  readonly dir: string;
  readonly children: Children;
  /** @param signal aborts when the user wants to stop */
  work(signal: AbortSignal): Promise<void>;
}

/**
 * A command from its start to the end of the process: takes the folder, works, stops all children, gives the folder back.
 * @param open reads the command line; undefined where there is nothing to do
 */
export async function runSession(open: () => Session | undefined): Promise<never> {
  await runToExit(async () => {
    const session = open();
    if (session === undefined) return;
    const { dir, children } = session;
    const shutdown = installShutdown();
    try {
      takeFolder(dir, process.pid);
      await session.work(shutdown.signal);
    } finally {
      await children.stopAll();
      releaseFolder(dir, process.pid);
      shutdown.dispose();
    }
  });
  // Hardhat keeps handles open; everything of ours has been closed by now.
  process.exit();
}
