import { join } from "node:path";
import { AuditPublisher } from "../miner/auditPublisher.ts";
import { ChallengeAnswerer } from "../miner/challengeAnswerer.ts";
import { MinerService } from "../miner/minerService.ts";
import { ShardPrefetcher } from "../miner/shardPrefetcher.ts";
import { TrainingPolicy } from "../miner/trainingPolicy.ts";
import type { MinerContext, UpdatePolicy } from "../miner/updatePolicy.ts";
import { WorkerStates } from "../miner/workerStates.ts";
import { beside } from "./beside.ts";
import { type JoinedRun, joinRun } from "./joinRun.ts";
import { machineHash, machineOf } from "./machine.ts";
import type { Surroundings } from "./surroundings.ts";
import type { WorkerOptions } from "./workerOptions.ts";

/** Runs a miner until `signal` aborts. The policy makes its updates; training by default. */
export async function runMiner(
  options: WorkerOptions,
  signal: AbortSignal,
  makePolicy?: (context: MinerContext) => UpdatePolicy,
  surroundings?: Partial<Surroundings>,
): Promise<void> {
  const joined = await joinRun("miner", options, signal, surroundings);
  const { run, neuronId, follower, updates, journal, folder, log } = joined;
  const context = { run, neuronId, follower, updates };
  const policy = makePolicy?.(context) ?? trainingPolicy(joined, context);
  const workerStates = await WorkerStates.open(run.specs, join(folder, "worker"), journal, log);
  const machine = machineHash(machineOf(joined.device));
  const publisher = new AuditPublisher({ ...joined, context, workerStates });
  const answerer = new ChallengeAnswerer({ ...joined, context });
  const prefetcher = new ShardPrefetcher({ ...joined, miner: neuronId });
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const tasks = [
    beside(publisher.run(both), "worker states are no longer published for audits", { log, signal: both }),
    beside(answerer.run(both), "challenges are no longer answered", { log, signal: both }),
    beside(prefetcher.run(both), "shards are no longer fetched ahead", { log, signal: both }),
    beside(joined.sweeps.run(both), "content is no longer removed", { log, signal: both }),
  ];
  const service = new MinerService({ ...joined, context, policy, workerStates, machine });
  follower.keep(joined.eventLog);
  try {
    await service.run(both);
  } finally {
    ended.abort();
    await Promise.all(tasks);
    await policy.close();
    await joined.close();
  }
}

function trainingPolicy({ beacons, dataset, engine }: JoinedRun, context: MinerContext): UpdatePolicy {
  return new TrainingPolicy({ context, beacons, dataset, engine });
}
