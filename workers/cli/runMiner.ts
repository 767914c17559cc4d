import { join } from "node:path";
import { AuditPublisher } from "../miner/auditPublisher.ts";
import { ChallengeAnswerer } from "../miner/challengeAnswerer.ts";
import { MinerService } from "../miner/minerService.ts";
import { TrainingPolicy } from "../miner/trainingPolicy.ts";
import type { MinerContext, UpdatePolicy } from "../miner/updatePolicy.ts";
import { WorkerStates } from "../miner/workerStates.ts";
import type { Steps } from "../runtime/steps.ts";
import { type JoinedRun, joinRun } from "./joinRun.ts";
import { machineHash, machineOf } from "./machine.ts";
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
  const machine = machineHash(machineOf(joined.device));
  const publisher = new AuditPublisher({ ...joined, context, workerStates });
  const answerer = new ChallengeAnswerer({ ...joined, context });
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  // They end with the miner, and never end it.
  const beside = (work: Promise<void>, ending: string) =>
    work.catch((error: unknown) => {
      if (!both.aborted) log.error(ending, { error });
    });
  const publishing = beside(publisher.run(both), "worker states are no longer published for audits");
  const answering = beside(answerer.run(both), "challenges are no longer answered");
  const service = new MinerService({ ...joined, context, policy, workerStates, machine });
  follower.keep(joined.eventLog);
  try {
    await service.run(both);
  } finally {
    ended.abort();
    await Promise.all([publishing, answering]);
    await policy.close();
    await joined.close();
  }
}

function trainingPolicy({ beacons, dataset, engine }: JoinedRun, context: MinerContext): UpdatePolicy {
  return new TrainingPolicy({ context, beacons, dataset, engine });
}
