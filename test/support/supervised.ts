import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { WorkerOptions } from "../../workers/cli/workerOptions.ts";
import type { Step } from "../../workers/runtime/steps.ts";

/** Where a worker dies. */
export interface CrashPoint {
  readonly when: "before" | "after";
  readonly step: Step;
}

/** One process of a worker; Unix seconds, with fraction. */
export interface Life {
  readonly startedAt: number;
  /** When it had joined the run and could work; undefined before that. */
  joinedAt: number | undefined;
  /** When it died, of which point. */
  died: { readonly at: number; readonly point: CrashPoint } | undefined;
}

/** How much of what a worker says is kept. */
const keptText = 4_000;

/** A worker process that dies at one point after the other, and is started again each time; after the last it stays. */
export class Supervised {
  readonly #role: "miner" | "validator";
  readonly #args: readonly string[];
  /** Compiled sources, for quick starts. */
  readonly #cache: string;
  readonly #points: CrashPoint[];
  readonly #armedBy: Step | "";
  readonly #lives: Life[] = [];
  #child: ChildProcess | undefined;
  #stopped = false;
  /** Rejects when the worker ends in another way than it was told to. */
  readonly done: Promise<void>;

  /** @param armedBy a step that each process has to take before it may die; none where "" */
  constructor(
    role: "miner" | "validator",
    options: WorkerOptions,
    points: readonly CrashPoint[],
    armedBy: Step | "" = "",
  ) {
    this.#role = role;
    this.#args = argumentsOf(options);
    this.#cache = join(options.folder, "..", "compiled");
    this.#points = [...points];
    this.#armedBy = armedBy;
    this.done = this.#watch();
  }

  /** Points at which it has died, in order. */
  get died(): readonly CrashPoint[] {
    return this.#lives.flatMap(({ died }) => (died === undefined ? [] : [died.point]));
  }

  /** Every process so far; the last one may still run. */
  get lives(): readonly Readonly<Life>[] {
    return this.#lives;
  }

  /** Whether it has died at every point. */
  get finished(): boolean {
    return this.#points.length === 0;
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
      const child = spawn(process.execPath, [...entry, ...where, this.#armedBy, ...this.#args], {
        stdio: ["ignore", "ignore", "pipe", "ipc"],
        env: { ...process.env, NODE_COMPILE_CACHE: this.#cache },
      });
      this.#child = child;
      const life: Life = { startedAt: Date.now() / 1000, joinedAt: undefined, died: undefined };
      this.#lives.push(life);
      let said = "";
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-keptText);
        if (life.joinedAt === undefined && said.includes('"msg":"joined"')) life.joinedAt = Date.now() / 1000;
      });
      const [code, signal] = await once(child, "exit");
      if (this.#stopped) return;
      if (signal !== "SIGKILL" || point === undefined) {
        throw new Error(`${this.#role} ended with ${code ?? signal}: ${said}`);
      }
      life.died = { at: Date.now() / 1000, point };
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
    log: "info",
  };
  return Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
}
