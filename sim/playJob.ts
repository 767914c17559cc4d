import { writeFile } from "node:fs/promises";
import { syntheticEngines, trainingEngines } from "./nodes/engines.ts";
import { planOf, type Trouble } from "./plan.ts";
import { playSeed } from "./playSeed.ts";
import type { SeedReport } from "./report.ts";
import { formatTrace } from "./trace.ts";
import type { World } from "./world/world.ts";

/** A seed to be played, as it travels between processes. */
export interface SeedJob {
  readonly seed: number;
  readonly rounds: number;
  readonly only: readonly Trouble[];
  readonly training: boolean;
  /** File for every line. */
  readonly trace: string | undefined;
  /** Folder for what the nodes write. */
  readonly parent: string;
}

/** Plays a job on an open world. */
export async function playJob(world: World, job: SeedJob, signal: AbortSignal): Promise<SeedReport> {
  const { seed, rounds, only, training, trace } = job;
  const engines = training ? trainingEngines() : syntheticEngines;
  const plan = planOf(seed, rounds, only);
  const { report, lines } = await playSeed(world, { plan, engines, trace: trace !== undefined, signal });
  if (trace !== undefined) await writeFile(trace, formatTrace(lines));
  return report;
}
