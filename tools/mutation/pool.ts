/** Worker processes, each on one request at a time; one that takes too long or dies is replaced. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Verdict } from "./trial.ts";
import type { Reply, Request } from "./worker.ts";

export class Pool {
  private readonly benchFile: string;
  private readonly timeoutMs: number;
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();

  /** @param benchFile What `worker.ts` reads: a `Bench` as JSON. */
  constructor(benchFile: string, timeoutMs: number) {
    this.benchFile = benchFile;
    this.timeoutMs = timeoutMs;
  }

  /** The worker's verdict; `timeout` where there was none in time. Throws when the worker dies. */
  async ask(request: Request): Promise<Verdict> {
    const worker = this.idle.pop() ?? (await this.start());
    const done = new AbortController();
    const limit = AbortSignal.timeout(this.timeoutMs);
    const signal = AbortSignal.any([limit, done.signal]);
    try {
      worker.send(request);
      const verdict = await Promise.race([verdictOf(worker, signal), deathOf(worker, signal)]);
      this.idle.push(worker);
      return verdict;
    } catch (error) {
      this.end(worker);
      if (limit.aborted) return { outcome: "timeout", by: `no verdict in ${this.timeoutMs / 1000} s` };
      throw error;
    } finally {
      done.abort();
    }
  }

  close(): void {
    for (const worker of this.all) this.end(worker);
    this.idle.length = 0;
  }

  private async start(): Promise<ChildProcess> {
    const worker = fork(new URL("./worker.ts", import.meta.url), [this.benchFile]);
    this.all.add(worker);
    const started = new AbortController();
    try {
      await Promise.race([once(worker, "message", started), deathOf(worker, started.signal)]);
    } finally {
      started.abort();
    }
    return worker;
  }

  private end(worker: ChildProcess): void {
    this.all.delete(worker);
    worker.kill("SIGKILL");
  }
}

async function verdictOf(worker: ChildProcess, signal: AbortSignal): Promise<Verdict> {
  const [reply]: [Reply] = (await once(worker, "message", { signal })) as [Reply];
  if (reply.kind !== "verdict") throw new Error(`the worker says ${reply.kind}`);
  return reply.verdict;
}

async function deathOf(worker: ChildProcess, signal: AbortSignal): Promise<never> {
  const [code, by] = await once(worker, "exit", { signal });
  throw new Error(`a mutation worker ended with ${by ?? code}`);
}
