import { join } from "node:path";
import { fileURLToPath } from "node:url";
import hre from "hardhat";
import { type Address, parseEther } from "viem";
import { connectRun } from "../../workers/chain/connectRun.ts";
import { EventSource } from "../../workers/chain/eventSource.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { writeNetworkFile } from "../../workers/cli/networkFile.ts";
import type { RunSettings } from "../../workers/model/defaults.ts";
import { RunFollower } from "../../workers/node/follower.ts";
import type { RunManifest } from "../../workers/protocol/manifest.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { systemFetch } from "../../workers/runtime/network.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { openStore, storeSettings } from "../../workers/storage/openStore.ts";
import { type RoundTiming, roundTiming, timeInnerPhase } from "../deployment/calibrate.ts";
import { deployContracts } from "../deployment/deployContracts.ts";
import { type PublishedRun, publishRun } from "../deployment/publishRun.ts";
import { requireFreePort, startChain } from "./chainNode.ts";
import type { Child, Children } from "./children.ts";
import { compileContracts } from "./compile.ts";
import { buildDashboard } from "./dashboard.ts";
import type { LocalnetOptions } from "./options.ts";
import {
  allocationOf,
  createParticipants,
  fundKeys,
  joinAll,
  type Participant,
  type RegisteredParticipant,
} from "./participants.ts";
import { dashboardUrl, startWorker } from "./workers.ts";

/** A network that runs: every participant registered, every worker a process of its own. */
export interface LocalNetwork {
  readonly contracts: RunContracts;
  readonly store: ContentStore;
  readonly manifest: RunManifest;
  readonly timing: RoundTiming;
  readonly follower: RunFollower;
  readonly participants: readonly RegisteredParticipant[];
  /** By participant name. */
  readonly workers: ReadonlyMap<string, Child>;
  readonly chain: Child;
  readonly rpcUrl: string;
  /** Undefined where no dashboard is wanted. */
  readonly projector: Child | undefined;
}

/** What a network does otherwise than by default: its run's settings, and rounds that are given rather than calibrated. */
export interface NetworkProfile {
  settings(defaults: RunSettings): RunSettings;
  readonly timing: RoundTiming;
}

export interface StartOptions {
  readonly options: LocalnetOptions;
  readonly profile?: NetworkProfile;
  readonly children: Children;
  readonly clock: Clock;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

const tempo = 3;
/** Seconds from the deployment's first transaction to genesis on a quiet machine: blocks come once a second. */
const deploymentSeconds = 10;
const joiningSeconds = 10;
/** The bank's part of the genesis allocation: what `fund` hands out later. */
const bankTokens = parseEther("100000");
const projectorScript = fileURLToPath(new URL("../../workers/cli/projector.ts", import.meta.url));

/** Compiles, publishes, deploys, registers and starts everybody. @throws what is wrong with options, data or machine */
export async function startNetwork(start: StartOptions): Promise<LocalNetwork> {
  const { options, profile, children, clock, say, signal } = start;
  await requireFreePort(options.port);
  if (options.dashboardPort > 0) await requireFreePort(options.dashboardPort, "--dashboard-port");
  const store = await openStore(storeSettings(join(options.dir, "content"), process.env), {
    fetch: systemFetch,
    clock: systemClock,
  });
  say("compiling the contracts and preparing the data set …");
  const building =
    options.dashboardPort === 0
      ? undefined
      : buildDashboard(children, join(options.dir, "logs", "dashboard.log"));
  const compiling = compileContracts(children, join(options.dir, "logs", "compiler.log"));
  const miners = options.miners + options.adversaries.length;
  const { data, model, seed, rounds } = options;
  const [run] = await Promise.all([
    publishRun({ store, data, model, seed, rounds, miners, settings: profile?.settings, signal }),
    compiling,
  ]);
  say(describe(run));

  const timing = profile?.timing ?? (await calibrate(start, run));

  const chain = await startChain(
    children,
    options.port,
    join(options.dir, "logs", "chain.log"),
    clock,
    signal,
  );
  const participants = await createParticipants(options);
  const contracts = await deploy(start, chain.rpcUrl, run, timing, participants);
  say(`run registry ${contracts.addresses.registry} on ${chain.rpcUrl}`);

  const isBuilt = await building;
  const projector = startProjector(children, options);
  if (projector !== undefined)
    say(
      `${isBuilt === true ? "dashboard" : "the dashboard could not be built; its API is"} on ${dashboardUrl(options)}`,
    );
  const workers = new Map<string, Child>();
  const registered = await joinAll(contracts, participants, clock, signal, (participant) => {
    workers.set(participant.name, startWorker(children, options, participant));
  });
  say(`${registered.length} participants registered and staked, ${workers.size} workers started`);
  const events = new EventSource(contracts);
  const follower = new RunFollower({ contracts, events, clock, log: silentLog });
  return {
    contracts,
    store,
    manifest: run.manifest,
    timing,
    follower,
    participants: registered,
    workers,
    chain: chain.child,
    rpcUrl: chain.rpcUrl,
    projector,
  };
}

/** Rounds as long as this machine needs. */
async function calibrate(
  { options, clock, say, signal }: StartOptions,
  run: PublishedRun,
): Promise<RoundTiming> {
  const innerPhase = await timeInnerPhase(run.manifest, options.miners, clock, signal);
  const timing = roundTiming(innerPhase);
  say(
    `${run.manifest.training.innerSteps} steps with ${options.miners} miners at once take ` +
      `${innerPhase.toFixed(1)} s here: rounds of ${timing.period} s`,
  );
  return timing;
}

async function deploy(
  { options, say, signal }: StartOptions,
  rpcUrl: string,
  run: PublishedRun,
  timing: RoundTiming,
  participants: readonly Participant[],
): Promise<RunContracts> {
  const connection = await hre.network.create({
    network: "localhost",
    override: { url: rpcUrl },
  });
  const [bank] = await connection.viem.getWalletClients();
  const client = await connection.viem.getPublicClient();
  await client.request({ method: "hardhat_setLoggingEnabled" as never, params: [false] as never });
  await fundKeys(rpcUrl, participants);
  const { timestamp } = await client.getBlock();
  const genesis = Number(timestamp) + deploymentSeconds + joiningSeconds;
  say("deploying the contracts …");
  const allocation = new Map<Address, bigint>(allocationOf(participants)).set(
    bank.account.address,
    bankTokens,
  );
  const registry = await deployContracts(connection, {
    timetable: { genesis, ...timing, tempo },
    run,
    allocation,
    parameters: "local",
  });
  await connection.close();
  const contracts = await connectRun({ rpcUrl, registry, deployBlock: 0n, signal });
  await writeNetworkFile(options.dir, {
    rpcUrl,
    chainId: contracts.chainId,
    registry,
    store: join(options.dir, "content"),
    deployBlock: 0,
  });
  return contracts;
}

/** Whose states of the model write on the dashboard. */
const firstValidator = "validator-1";

function startProjector(children: Children, { dir, dashboardPort }: LocalnetOptions): Child | undefined {
  if (dashboardPort === 0) return undefined;
  const text = join(dir, "workers", firstValidator);
  const args = ["--dir", dir, "--listen", String(dashboardPort), "--text", text];
  return children.start("projector", projectorScript, args, join(dir, "logs", "projector.log"));
}

function describe({ manifest, parameters, trainingTokens, heldOutTokens, shards }: PublishedRun): string {
  const { layers, dim, sequenceLength } = manifest.model;
  const millions = (tokens: number) => `${(tokens / 1e6).toFixed(1)} M`;
  return (
    `model of ${parameters.toLocaleString("en")} parameters (${layers} layers, width ${dim}, ${sequenceLength} tokens of context); ` +
    `${millions(trainingTokens)} tokens to train on in ${shards} shards, ${millions(heldOutTokens)} held out`
  );
}
