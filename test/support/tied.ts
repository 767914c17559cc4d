import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const guard = fileURLToPath(new URL("guard.ts", import.meta.url));

/** A command with everything it starts: none of it outlives this process. */
export interface Tied {
  readonly process: ChildProcess;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with the exit code once the command and its output are over. */
  readonly ended: Promise<number>;
  /** Sends a signal to all of it; resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number>;
}

/** Starts a command in a process group of its own, tied to this process by a guard. */
export function startTied(
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Tied {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", guard, ...command], {
    ...options,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("no output to read");
  const ended = once(child, "close").then(([code]) => Number(code ?? 1));
  return {
    process: child,
    stdout,
    stderr,
    ended,
    async stop(signal) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // gone already
      }
      return ended;
    },
  };
}
