import { join } from "node:path";
import { EventSource } from "../../workers/chain/eventSource.ts";
import { Beacons } from "../../workers/node/beacons.ts";
import { RunFollower } from "../../workers/node/follower.ts";
import { ModelStates } from "../../workers/node/modelStates.ts";
import { openRun } from "../../workers/node/run.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import { roundStart } from "../../workers/protocol/clock.ts";
import type { RunHistory } from "../../workers/protocol/runHistory.ts";
import { openStore } from "../../workers/storage/openStore.ts";
import { publisher } from "../plan.ts";
import type { Trace } from "../trace.ts";
import { simulatedGateways } from "../world/simulatedGateways.ts";
import type { SimulatedTime } from "../world/simulatedTime.ts";
import type { World } from "../world/world.ts";

/** Name under which the observer's states are recorded. */
export const observerName = "observer";

export interface Observer {
  readonly history: RunHistory;
  /** Reads the chain up to its head. */
  sync(signal: AbortSignal): Promise<void>;
  /** Ends with the signal, or with what went wrong. */
  readonly ended: Promise<void>;
}

export interface ObserverOptions {
  readonly world: World;
  readonly time: SimulatedTime;
  readonly trace: Trace;
  readonly folder: string;
  readonly gateways: readonly string[];
  readonly folderOf: (host: string) => string | undefined;
}

/** Somebody who takes no part, whose chain and network never fail: works out the state of every round. */
export async function observe(options: ObserverOptions, signal: AbortSignal): Promise<Observer> {
  const { world, time, trace, folder, folderOf } = options;
  const contracts = world.contractsOn(time);
  const clock = time.clockOf({});
  const fetch = simulatedGateways({ time, clock, folderOf, fault: () => undefined });
  // The publisher first: the others may not have started.
  const gateways = [`http://${publisher}`, ...options.gateways];
  const settings = { folder: join(folder, "content"), ipfsApi: undefined, gateways };
  const store = await openStore(settings, { fetch, clock });
  const run = await openRun(contracts, store, signal);
  const log = trace.logOf(observerName, () => true);
  const follower = new RunFollower({
    contracts,
    events: new EventSource(contracts),
    clock,
    log,
    pollMs: 3_000,
  });
  await follower.sync(signal);
  const beacons = new Beacons(run, follower);
  const updates = new UpdateReader(run, clock);
  const metrics = { record: trace.record.bind(trace, observerName) };
  const node = { run, follower, beacons, updates, clock, log, metrics };
  const states = await ModelStates.open({ ...node, folder: join(folder, "model") }, signal);
  const follow = async () => {
    for (let round = 1; ; round++) {
      await follower.untilTime(roundStart(contracts.clock, round), signal);
      await states.at(round, signal);
    }
  };
  return { history: follower.history, sync: (aborted) => follower.sync(aborted), ended: follow() };
}
