import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { FatalError } from "../../workers/protocol/errors.ts";

/** A process of the local network. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  /** Resolves with the exit code (128 + n for a signal) once the process is gone. */
  readonly exited: Promise<number>;
  running(): boolean;
}

/** Options of Node with which a program that is not ours ends with this process, too. */
export const foreign: readonly string[] = [`--import=${new URL("endWithParent.ts", import.meta.url)}`];

const defaultGraceMs = 5_000;

/**
 * Starts and stops the network's processes. Each child has an IPC channel to this process and ends itself when the
 * channel closes, so that none outlives us, not even after `kill -9`.
 */
export class Children {
  readonly #children = new Map<Child, ChildProcess>();
  readonly #graceMs: number;

  /** @param graceMs how long a child may take to end after SIGTERM before it is killed */
  constructor(graceMs = defaultGraceMs) {
    this.#graceMs = graceMs;
  }

  /** Runs `node options… script args…`, both output streams appended to `logPath`. */
  start(
    name: string,
    script: string,
    args: readonly string[],
    logPath: string,
    options: readonly string[] = [],
  ): Child {
    mkdirSync(dirname(logPath), { recursive: true });
    const log = openSync(logPath, "a");
    // Its own process group: Ctrl-C reaches this process alone, which then stops the others in order.
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", ...options, script, ...args],
      {
        stdio: ["ignore", log, log, "ipc"],
        detached: true,
      },
    );
    closeSync(log);
    const exited = new Promise<number>((resolve) => {
      child.once("error", () => resolve(1));
      child.once("exit", (code, signal) =>
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
      );
    });
    const handle: Child = {
      name,
      pid: child.pid ?? 0,
      logPath,
      exited,
      running: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    };
    this.#children.set(handle, child);
    return handle;
  }

  /** Resolves with the first child of the given ones that ends. */
  async firstExit(children: readonly Child[]): Promise<Child> {
    return Promise.race(children.map((child) => child.exited.then(() => child)));
  }

  /** SIGTERM to the given ones, SIGKILL to what is left after the grace; returns when each is gone. */
  async stop(handles: readonly Child[]): Promise<void> {
    await Promise.all(handles.map((handle) => stop(handle, this.#children.get(handle), this.#graceMs)));
    for (const handle of handles) this.#children.delete(handle);
  }

  async stopAll(): Promise<void> {
    await this.stop([...this.#children.keys()]);
  }
}

async function stop(handle: Child, child: ChildProcess | undefined, graceMs: number): Promise<void> {
  if (child === undefined || !handle.running()) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await handle.exited;
  clearTimeout(timer);
}

/** The error of a child that ended when it should not have, with the last line it wrote. */
export function childFailure(child: Child, exitCode: number): FatalError {
  const lines = readFileSync(child.logPath, "utf8").trimEnd().split("\n");
  const last = lines.findLast((line) => line.startsWith("Error:")) ?? lines.at(-1) ?? "";
  return new FatalError("PROCESS_ENDED", `${child.name} ended with exit code ${exitCode}: ${last}`, {
    data: { name: child.name, exitCode },
    hint: `Its log is ${child.logPath}.`,
  });
}
