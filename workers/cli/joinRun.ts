import { join } from "node:path";
import type { Address, Hex } from "viem";
import { readAnswerSeconds } from "../chain/actions/challenge.ts";
import { readBalances } from "../chain/actions/readBalances.ts";
import { readNeuron } from "../chain/actions/readNeuron.ts";
import { connectRun } from "../chain/connectRun.ts";
import { EventSource } from "../chain/eventSource.ts";
import { type RunContracts, type SigningRun, signingRun } from "../chain/run.ts";
import type { DatasetReader } from "../data/datasetReader.ts";
import { ContentIndex } from "../database/contentIndex.ts";
import { EventLog } from "../database/eventLog.ts";
import { Journal } from "../database/journal.ts";
import { Beacons } from "../node/beacons.ts";
import { ContentKeeper } from "../node/contentKeeper.ts";
import { ContentSweeps } from "../node/contentSweeps.ts";
import { RunFollower } from "../node/follower.ts";
import { ModelStates } from "../node/modelStates.ts";
import { NotedStore } from "../node/notedStore.ts";
import { openDataset, openRun, type Run } from "../node/run.ts";
import { unsealerFor } from "../node/unsealingThreads.ts";
import { UpdateReader } from "../node/updateReader.ts";
import type { NeuronId, Uid } from "../protocol/quantities.ts";
import type { Clock } from "../runtime/clock.ts";
import { loadKeyFile } from "../runtime/keys.ts";
import type { Log } from "../runtime/log.ts";
import { allMetrics, type Metrics, openMetrics } from "../runtime/metrics.ts";
import { passphraseFrom } from "../runtime/passphrase.ts";
import type { Steps } from "../runtime/steps.ts";
import { openStoreParts } from "../storage/openStore.ts";
import { openTelemetry, type Telemetry } from "../telemetry/openTelemetry.ts";
import { Reporter } from "../telemetry/reporter.ts";
import type { Device } from "../training/device.ts";
import { machineSurroundings, type Surroundings, type WorkerEngine } from "./surroundings.ts";
import type { WorkerOptions } from "./workerOptions.ts";

/** An update can be challenged for four rounds after its own; scores, audits and logs are looked at for longer. */
const challengeableRounds = 5;
const leastOwnRounds = 64;

/** What miner and validator processes have in common, opened and checked. */
export interface JoinedRun {
  readonly run: Run;
  readonly signing: SigningRun;
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly follower: RunFollower;
  /** What was read of the chain, for the next start. */
  readonly eventLog: EventLog;
  readonly steps: Steps;
  readonly beacons: Beacons;
  readonly updates: UpdateReader;
  readonly states: ModelStates;
  readonly dataset: DatasetReader;
  /** Keeps the content store in its bounds. */
  readonly sweeps: ContentSweeps;
  readonly journal: Journal;
  readonly engine: WorkerEngine;
  /** Where the engine computes. */
  readonly device: Device;
  readonly randomSalt: () => Hex;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Folder of this worker. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Opens everything a worker needs. @throws what is wrong with options, key, chain, registration, content or folder */
export async function joinRun(
  name: string,
  options: WorkerOptions,
  signal: AbortSignal,
  given: Partial<Surroundings> = {},
): Promise<JoinedRun> {
  const around = { ...machineSurroundings, ...given };
  const { clock, fetch, openRpc, steps, randomSalt, pollMs, onOpen } = around;
  const poll = pollMs === undefined ? {} : { pollMs };
  const { rpcUrl, registry, chainId, deployBlock, folder, maxFeePerGas } = options;
  const log = around.openLog(name, options);
  const hotkey = await loadKeyFile(options.hotkeyFile, passphraseFrom(options.passphraseFile, signal));
  const contracts = await connectRun({ rpcUrl, registry, chainId, deployBlock, clock, openRpc, signal });
  const { neuronId, uid } = await readNeuron(contracts, hotkey.address, signal);
  const opened = await openStoreParts(options.store, { fetch, clock });
  const contentIndex = new ContentIndex(join(options.store.folder, "contents.sqlite"));
  onOpen(contentIndex);
  const store = new NotedStore(opened, contentIndex);
  const run = await openRun(contracts, store, signal);
  const { confirmations } = run.manifest.beacon;
  const { engine, device } = await around.openEngine(run, options, log, signal);
  const journal = new Journal(join(folder, "journal.sqlite"), {
    chainId: String(contracts.chainId),
    registry: contracts.addresses.registry,
    genesis: String(contracts.clock.genesis),
    hotkey: hotkey.address,
  });
  onOpen(journal);
  const eventLog = new EventLog(join(folder, "events.sqlite"), identityOf(contracts));
  onOpen(eventLog);
  const { events: read, seen } = eventLog.load();
  const events = new EventSource(contracts, { confirmations, seen });
  const follower = new RunFollower({ contracts, events, clock, log, read, ...poll });
  const written = openMetrics(join(folder, "metrics.jsonl"));
  await follower.sync(signal);
  const telemetry = await telemetryOf(name, options, contracts, hotkey.address, { follower, clock, log });
  const identity = { chainId: contracts.chainId, registry: contracts.addresses.registry };
  const reporter =
    options.reportTo === undefined
      ? undefined
      : new Reporter({ url: options.reportTo, identity, hotkey, fetch, clock, log });
  const metrics = allMetrics(
    ...[written, around.metrics, telemetry, reporter].filter((each) => each !== undefined),
  );
  const beacons = new Beacons(run, follower);
  const unseal = unsealerFor(run.specs, options.threads);
  const updates = new UpdateReader(run, clock, { unseal });
  const stateOptions = {
    run,
    follower,
    beacons,
    updates,
    folder: join(folder, "model"),
    clock,
    log,
    metrics,
  };
  const states = await ModelStates.open(stateOptions, signal);
  const dataset = await openDataset(run, signal);
  const keeper = new ContentKeeper({
    opened,
    index: contentIndex,
    owner: `${contracts.addresses.registry} ${neuronId}`,
    keepRounds: options.keepRounds,
    ownRounds: await ownRounds(contracts, signal),
    quotaBytes: options.quotaBytes,
    shards: dataset.shardCids(),
    shardQuotaBytes: options.shardQuotaBytes,
    log,
    metrics,
  });
  log.info("joined", { neuronId, uid, hotkey: hotkey.address, registry: contracts.addresses.registry });
  return {
    run,
    signing: signingRun(contracts, hotkey, {
      clock,
      log,
      metrics,
      settings: { maxFeePerGas, ...poll },
      steps,
    }),
    neuronId,
    uid,
    follower,
    eventLog,
    steps,
    beacons,
    updates,
    states,
    dataset,
    sweeps: new ContentSweeps({ run, follower, dataset, store, keeper, log }),
    journal,
    engine,
    device,
    randomSalt,
    clock,
    log,
    metrics,
    folder,
    async close() {
      await Promise.all([telemetry?.close(), reporter?.close()]);
      journal.close();
      eventLog.close();
      contentIndex.close();
      await engine.close();
    },
  };
}

/** Metrics and health, where somebody asked for them. */
async function telemetryOf(
  worker: string,
  { telemetry }: WorkerOptions,
  contracts: RunContracts,
  hotkey: Address,
  { follower, clock, log }: Pick<JoinedRun, "follower" | "clock" | "log">,
): Promise<Telemetry | undefined> {
  if (telemetry === undefined) return undefined;
  const opened = await openTelemetry(telemetry, {
    worker,
    roundClock: contracts.clock,
    follower,
    clock,
    balance: async (signal) => (await readBalances(contracts, hotkey, signal)).coin,
  });
  log.info("metrics and health are served", { ...opened.address });
  return opened;
}

/** Rounds for which a worker's own content is needed: while it can be challenged, and never fewer than these. */
async function ownRounds(contracts: RunContracts, signal: AbortSignal): Promise<number> {
  const answerSeconds = await readAnswerSeconds(contracts, signal);
  return Math.max(leastOwnRounds, challengeableRounds + Math.ceil(answerSeconds / contracts.clock.period));
}

/** What the events of a run depend on: the chain, and each contract whose logs are read. */
function identityOf({ chainId, addresses, deployBlock }: RunContracts): string {
  return JSON.stringify({ chainId, deployBlock: deployBlock.toString(), addresses });
}
