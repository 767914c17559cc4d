import { join } from "node:path";
import { MinerService } from "../miner/minerService.ts";
import { TrainingPolicy } from "../miner/trainingPolicy.ts";
import type { MinerContext, UpdatePolicy } from "../miner/updatePolicy.ts";
import { WorkerStates } from "../miner/workerStates.ts";
import type { Steps } from "../runtime/steps.ts";
import { type JoinedRun, joinRun } from "./joinRun.ts";
import type { WorkerOptions } from "./workerOptions.ts";

/** Runs a miner until `signal` aborts. The policy makes its updates; training by default. */
export async function runMiner(
  options: WorkerOptions,
  signal: AbortSignal,
  makePolicy?: (context: MinerContext) => UpdatePolicy,
  steps?: Steps,
): Promise<void> {
  const joined = await joinRun("miner", options, signal, steps);
  const { run, neuronId, follower, updates, journal, folder, log } = joined;
  const context = { run, neuronId, follower, updates };
  const policy = makePolicy?.(context) ?? trainingPolicy(joined, context);
  const workerStates = await WorkerStates.open(run.specs, join(folder, "worker"), journal, log);
  const service = new MinerService({ ...joined, context, policy, workerStates });
  follower.keep(joined.eventLog);
  try {
    await service.run(signal);
  } finally {
    await policy.close();
    await joined.close();
  }
}

function trainingPolicy({ beacons, dataset, engine }: JoinedRun, context: MinerContext): UpdatePolicy {
  return new TrainingPolicy({ context, beacons, dataset, engine });
}
