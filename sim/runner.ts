import { type ChildProcess, fork } from "node:child_process";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { SimOptions } from "./options.ts";
import type { SeedJob } from "./playJob.ts";
import type { SeedReport } from "./report.ts";

const script = fileURLToPath(new URL("one.ts", import.meta.url));
/** With one thread, files are read and written in the order in which they were asked for. */
const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
/** Minutes after which a process that has not finished a seed hangs. */
const patienceMinutes = 10;

/** A process that plays one seed at a time. */
export interface Player {
  play(job: SeedJob): Promise<SeedReport>;
  close(): Promise<void>;
}

/**
 * Plays all seeds, as many at a time as asked for; reports in the order of the seeds.
 * @param onReport called with each as it comes
 */
export async function playSeeds(
  options: SimOptions,
  onReport: (report: SeedReport, done: number) => void,
  signal: AbortSignal,
  open: (signal: AbortSignal) => Player = openPlayer,
): Promise<SeedReport[]> {
  const { rounds, only, training, trace } = options;
  const parent = await fastFolder();
  const waiting = [...options.seeds];
  const reports = new Map<number, SeedReport>();
  const work = async () => {
    const player = open(signal);
    try {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        signal.throwIfAborted();
        const report = await player.play({ seed, rounds, only, training, trace, parent });
        signal.throwIfAborted();
        reports.set(seed, report);
        onReport(report, reports.size);
      }
    } finally {
      await player.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, waiting.length) }, work));
  return options.seeds.flatMap((seed) => reports.get(seed) ?? []);
}

/** Plays in a child process. One that ends or hangs is a violation of its seed, and is replaced. */
export function openPlayer(signal: AbortSignal): Player {
  let child: ChildProcess | undefined;
  const start = () => {
    const started = fork(script, { stdio: ["ignore", "ignore", "pipe", "ipc"], signal, env });
    // Killed by the signal, it ends as well, which is what counts.
    return started.on("error", () => undefined);
  };
  return {
    async play(job) {
      child ??= start();
      const playing = child;
      const said: string[] = [];
      playing.stderr?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
      const timer = setTimeout(() => playing.kill("SIGKILL"), patienceMinutes * 60_000);
      try {
        return await new Promise<SeedReport>((resolve) => {
          playing.once("message", (report: SeedReport) => resolve(report));
          playing.once("exit", (code, by) => {
            child = undefined;
            resolve(endedReport(job, `${by ?? code}: ${said.join("").trim()}`));
          });
          playing.send(job);
        });
      } finally {
        clearTimeout(timer);
        playing.removeAllListeners("message");
        playing.removeAllListeners("exit");
        playing.stderr?.removeAllListeners("data");
      }
    },
    async close() {
      const ending = child;
      if (ending === undefined || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once("exit", resolve));
      ending.disconnect();
      await ended;
    },
  };
}

function endedReport({ seed, rounds }: SeedJob, what: string): SeedReport {
  const violations = [{ check: "process", round: 0, what }];
  const nothing = { nodes: 0, rpcFaults: 0, gatewayFaults: 0, reorganisations: [], seconds: 0 };
  const counts = { kills: 0, revealed: 0, expected: 0, settled: 0, checkpoints: 0, penalties: 0 };
  return { seed, rounds, violations, digest: "", ...nothing, ...counts };
}

/** Memory, where the system has a folder of it: what nodes write is written to disk and synchronised all the time. */
async function fastFolder(): Promise<string> {
  const memory = "/dev/shm";
  return access(memory).then(
    () => memory,
    () => tmpdir(),
  );
}
