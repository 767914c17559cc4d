import { connectRun } from "../chain/connectRun.ts";
import { EventSource } from "../chain/eventSource.ts";
import type { RunContracts } from "../chain/run.ts";
import type { DatasetReader } from "../data/datasetReader.ts";
import { Beacons } from "../node/beacons.ts";
import { RunFollower } from "../node/follower.ts";
import { openDataset, openRun, type Run } from "../node/run.ts";
import { UpdateReader } from "../node/updateReader.ts";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import { systemFetch } from "../runtime/network.ts";
import type { Progress } from "../runtime/progress.ts";
import { openStore, type StoreSettings } from "../storage/openStore.ts";
import type { RunLocation } from "./runOptions.ts";

/** About how many events are read at once. */
const batchEvents = 10_000;

/** A run as anybody can read it, up to the chain's head. */
export interface ReadableRun {
  readonly run: Run;
  readonly follower: RunFollower;
  readonly beacons: Beacons;
  readonly updates: UpdateReader;
  readonly dataset: DatasetReader;
  readonly clock: Clock;
  /** Every event so far, in chain order. */
  readonly events: readonly ChainEvent[];
  /** The last block read. */
  readonly head: bigint;
}

/** Opens a run without a key. @throws what is wrong with location, chain or content */
export async function readRun(
  location: RunLocation,
  signal: AbortSignal,
  progress?: Progress,
): Promise<ReadableRun> {
  const { rpcUrl, registry, chainId, deployBlock } = location;
  const contracts = await connectRun({ rpcUrl, registry, chainId, deployBlock, signal });
  return readContracts(contracts, location.store, signal, progress);
}

/** As `readRun`, of contracts that are connected to. */
export async function readContracts(
  contracts: RunContracts,
  settings: StoreSettings,
  signal: AbortSignal,
  progress: Progress = () => undefined,
): Promise<ReadableRun> {
  const clock = systemClock;
  const store = await openStore(settings, { fetch: systemFetch, clock });
  const run = await openRun(contracts, store, signal);
  const { beacon } = run.manifest;
  const source = new EventSource(contracts, { confirmations: beacon.confirmations, batchEvents });
  const read: ChainEvent[] = [];
  let head = 0n;
  let isBehind = true;
  const events = {
    async poll(aborted: AbortSignal) {
      const batch = await source.poll(aborted);
      for (const event of batch.events) read.push(event);
      head = batch.head.number;
      isBehind = batch.behind === true;
      progress(() => `read ${read.length} events up to block ${head}`);
      return batch;
    },
  };
  const follower = new RunFollower({ contracts, events, clock, log: silentLog });
  while (isBehind) await follower.sync(signal);
  return {
    run,
    follower,
    beacons: new Beacons(run, follower),
    updates: new UpdateReader(run, clock),
    dataset: await openDataset(run, signal),
    clock,
    events: read,
    head,
  };
}
