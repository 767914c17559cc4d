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
  private closed = false;

  /** @param benchFile What `worker.ts` reads: a `Bench` as JSON. */
  constructor(benchFile: string, timeoutMs: number) {
    this.benchFile = benchFile;
    this.timeoutMs = timeoutMs;
  }

  /**
   * The worker's verdict; `timeout` where there was none in time, or where the system ended the worker, as it does with one
   * that takes all memory. Throws when the worker gives up by itself.
   */
  async ask(request: Request): Promise<Verdict> {
    const worker = this.idle.pop() ?? (await this.start());
    const done = new AbortController();
    const limit = AbortSignal.timeout(this.timeoutMs);
    const signal = AbortSignal.any([limit, done.signal]);
    try {
      worker.send(request);
      const verdict = await Promise.race([verdictOf(worker, signal), deathOf(worker, signal)]);
      if (verdict.outcome !== "timeout") this.idle.push(worker);
      else if (this.closed) throw new Error("the pool was closed");
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
    this.closed = true;
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
  const [reply]: Reply[] = await once(worker, "message", { signal });
  if (reply.kind !== "verdict") throw new Error(`the worker says ${reply.kind}`);
  return reply.verdict;
}

async function deathOf(worker: ChildProcess, signal: AbortSignal): Promise<Verdict> {
  const [code, by] = await once(worker, "exit", { signal });
  if (by === null) throw new Error(`a mutation worker exits with ${code}`);
  return { outcome: "timeout", by: `the worker was ended by ${by}` };
}
