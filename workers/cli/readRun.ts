import { connectRun } from "../chain/connectRun.ts";
import { EventSource } from "../chain/eventSource.ts";
import { DatasetReader } from "../data/datasetReader.ts";
import { Beacons } from "../node/beacons.ts";
import { RunFollower } from "../node/follower.ts";
import { openRun, type Run } from "../node/run.ts";
import { UpdateReader } from "../node/updateReader.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { systemFetch } from "../runtime/network.ts";
import { refFromCid } from "../storage/contentRef.ts";
import { openStore } from "../storage/openStore.ts";
import type { RunLocation } from "./runOptions.ts";

/** A run as anybody can read it, up to the chain's head. */
export interface ReadableRun {
  readonly run: Run;
  readonly follower: RunFollower;
  readonly beacons: Beacons;
  readonly updates: UpdateReader;
  readonly dataset: DatasetReader;
  readonly clock: Clock;
}

/** Opens a run without a key. @throws what is wrong with location, chain or content */
export async function readRun(location: RunLocation, signal: AbortSignal): Promise<ReadableRun> {
  const clock = systemClock;
  const { rpcUrl, registry, chainId, deployBlock } = location;
  const contracts = await connectRun({ rpcUrl, registry, chainId, deployBlock, signal });
  const store = await openStore(location.store, { fetch: systemFetch, clock });
  const run = await openRun(contracts, store, signal);
  const { dataset, beacon } = run.manifest;
  const events = new EventSource(contracts, { confirmations: beacon.confirmations });
  const follower = new RunFollower({ contracts, events, clock, log: silentLog });
  await follower.sync(signal);
  return {
    run,
    follower,
    beacons: new Beacons(run, follower),
    updates: new UpdateReader(run, clock),
    dataset: await DatasetReader.open(refFromCid(dataset.cid, dataset.size), store, { signal }),
    clock,
  };
}
