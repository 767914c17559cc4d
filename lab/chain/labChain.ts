import { network } from "hardhat";
import type { ModuleParameter } from "../../ignition/readParameters.ts";
import { deployContracts } from "../../scripts/deployment/deployContracts.ts";
import {
  allocationOf,
  fundKeys,
  joinAll,
  type Participant,
  type RegisteredParticipant,
} from "../../scripts/localnet/participants.ts";
import { connectRun } from "../../workers/chain/connectRun.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { canonicalManifest, manifestHash, type RunManifest } from "../../workers/protocol/manifest.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { serveRpc } from "./rpcServer.ts";

/** Seconds of a round's phases, far longer than any step takes: the lab jumps from one to the next. */
const timetable = { period: 1000, commitSeconds: 600, revealSeconds: 800, tempo: 3 };
const genesisDelay = 20_000;
/** The chain's first block: the same in every run, so that block hashes and with them beacons are. */
const firstBlock = new Date("2026-01-01T00:00:00Z");

export interface LabChainOptions {
  readonly store: ContentStore;
  readonly manifest: RunManifest;
  /** In the order of their uids. */
  readonly people: readonly Participant[];
  /** Deployment parameters other than the local network's. */
  readonly overrides?: Readonly<Record<string, ModuleParameter>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A run on the real contracts in this process; everybody is registered and staked. */
export interface LabChain {
  /** Where it answers other processes, as long as this one lives. */
  readonly rpcUrl: string;
  readonly contracts: RunContracts;
  /** Ascending by uid. */
  readonly participants: readonly RegisteredParticipant[];
  /** Mines a block `offset` seconds after the start of a round. */
  goTo(round: number, offset: number): Promise<void>;
}

/** What a deployment prints about its content; nothing depends on it. */
const counts = { trainingTokens: 0, heldOutTokens: 0, shards: 0, parameters: 0 };

/** Deploys, registers one after another (so that the same seed gives the same uids) and stakes. */
export async function openLabChain(options: LabChainOptions): Promise<LabChain> {
  const { store, manifest, people, overrides, clock, signal } = options;
  const connection = await network.create({ override: { initialDate: firstBlock } });
  const { provider, networkHelpers, viem } = connection;
  const rpcUrl = await serveRpc(({ method, params }) => provider.request({ method, params: [...params] }));
  const manifestRef = await store.put(canonicalManifest(manifest), { signal });
  const [bank] = await viem.getWalletClients();
  await fundKeys(rpcUrl, people);
  const genesis = Math.floor(firstBlock.getTime() / 1000) + genesisDelay;
  const registry = await deployContracts(connection, {
    timetable: { genesis, ...timetable },
    run: { ...counts, manifest, manifestHash: manifestHash(manifest), manifestRef },
    allocation: allocationOf(people).set(bank.account.address, 1n),
    parameters: "local",
    ...(overrides && { overrides }),
  });
  const contracts = await connectRun({ rpcUrl, registry, deployBlock: 0n, signal });
  const participants: RegisteredParticipant[] = [];
  for (const person of people)
    participants.push(...(await joinAll(contracts, [person], clock, signal, () => undefined)));
  return {
    rpcUrl,
    contracts,
    participants,
    goTo: async (round, offset) => {
      await networkHelpers.time.increaseTo(genesis + round * timetable.period + offset);
    },
  };
}
