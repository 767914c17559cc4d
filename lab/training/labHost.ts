import { join } from "node:path";
import { type Hex, keccak256, toHex } from "viem";
import { EventSource } from "../../workers/chain/eventSource.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { DatasetReader } from "../../workers/data/datasetReader.ts";
import { evaluationBatch } from "../../workers/evaluation/evaluationBatch.ts";
import { Beacons } from "../../workers/node/beacons.ts";
import { RunFollower } from "../../workers/node/follower.ts";
import { ModelStates } from "../../workers/node/modelStates.ts";
import { openDataset, openRun, type Run } from "../../workers/node/run.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { Engine } from "../../workers/training/engine.ts";

/** `machineHash` of what the laboratory computes on. */
export const labMachine: Hex = keccak256(toHex("weft laboratory"));

/** What all nodes of a training-tier run share: each would compute the same, so it is computed once. */
export interface LabHost {
  readonly run: Run;
  readonly follower: RunFollower;
  readonly beacons: Beacons;
  readonly updates: UpdateReader;
  readonly states: ModelStates;
  readonly dataset: DatasetReader;
  readonly engine: Engine;
  readonly clock: Clock;
}

/** A node that follows the run. */
export async function openLabHost(
  contracts: RunContracts,
  store: ContentStore,
  dir: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<LabHost> {
  const run = await openRun(contracts, store, signal);
  const follower = new RunFollower({ contracts, events: new EventSource(contracts), clock, log: silentLog });
  const beacons = new Beacons(run, follower);
  const updates = new UpdateReader(run, clock);
  const metrics = { record: () => undefined };
  await follower.sync(signal);
  const node = { run, follower, beacons, updates, clock, log: silentLog, metrics };
  const states = await ModelStates.open({ ...node, folder: join(dir, "model") }, signal);
  const { model, training, scoring } = run.manifest;
  const engine = new Engine({ model, training, evaluationBatch: evaluationBatch(scoring) });
  const dataset = await openDataset(run, signal);
  return { run, follower, beacons, updates, states, dataset, engine, clock };
}
