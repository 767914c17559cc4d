import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { WorkerOptions } from "../../workers/cli/workerOptions.ts";
import type { Step } from "../../workers/runtime/steps.ts";

/** Where a worker dies. */
export interface CrashPoint {
  readonly when: "before" | "after";
  readonly step: Step;
}

/** A worker process that dies at one point after the other, and is started again each time; after the last it stays. */
export class Supervised {
  readonly #role: "miner" | "validator";
  readonly #args: readonly string[];
  readonly #points: CrashPoint[];
  readonly #died: CrashPoint[] = [];
  #child: ChildProcess | undefined;
  #stopped = false;
  /** Rejects when the worker ends in another way than it was told to. */
  readonly done: Promise<void>;

  constructor(role: "miner" | "validator", options: WorkerOptions, points: readonly CrashPoint[]) {
    this.#role = role;
    this.#args = argumentsOf(options);
    this.#points = [...points];
    this.done = this.#watch();
  }

  /** Points at which it has died, in order. */
  get died(): readonly CrashPoint[] {
    return this.#died;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child?.kill("SIGTERM");
    await this.done.catch(() => undefined);
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      const point = this.#points[0];
      const where = point === undefined ? ["never", ""] : [point.when, point.step];
      const entry = ["--disable-warning=ExperimentalWarning", "test/support/crashingWorker.ts", this.#role];
      const child = spawn(process.execPath, [...entry, ...where, ...this.#args], {
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      });
      this.#child = child;
      const said = child.stderr === null ? "" : text(child.stderr);
      const [code, signal] = await once(child, "exit");
      if (this.#stopped) return;
      if (signal !== "SIGKILL" || point === undefined) {
        throw new Error(`${this.#role} ended with ${code ?? signal}: ${(await said).slice(-2000)}`);
      }
      this.#died.push(point);
      this.#points.shift();
    }
  }
}

function argumentsOf(options: WorkerOptions): string[] {
  const { rpcUrl, registry, store, hotkeyFile, folder } = options;
  const given = {
    rpc: rpcUrl,
    registry,
    store: store.folder,
    hotkey: hotkeyFile,
    folder,
    device: "cpu",
    log: "warn",
  };
  return Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
}
