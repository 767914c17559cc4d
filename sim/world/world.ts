import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Address, createPublicClient, type Hex, numberToHex, parseEther } from "viem";
import { deployContracts } from "../../scripts/deployment/deployContracts.ts";
import { allocationOf, createParticipants, type Participant } from "../../scripts/localnet/participants.ts";
import { connectRun } from "../../workers/chain/connectRun.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { canonicalManifest, manifestHash, type RunManifest } from "../../workers/protocol/manifest.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { accuserAccount } from "../nodes/accuser.ts";
import { most, timetable } from "../plan.ts";
import { publishSimulatedRun } from "./publishSimulatedRun.ts";
import { SimulatedChain } from "./simulatedChain.ts";
import { flawlessRpc } from "./simulatedRpc.ts";
import type { SimulatedTime } from "./simulatedTime.ts";

const firstBlock = new Date("2026-01-01T00:00:00Z");
/** Seconds from the first block to round 0: deployment and registrations take one per block. */
const genesisDelay = 20_000;
const treasury: Address = "0x000000000000000000000000000000000000dEaD";
const gasMoney = parseEther("1000");

/** A deployed run in this process that nobody has joined, to which every seed returns. */
export interface World {
  readonly chain: SimulatedChain;
  /** Read without faults. */
  readonly contracts: RunContracts;
  readonly manifest: RunManifest;
  /** Who may take part, by name. */
  readonly people: ReadonlyMap<string, Participant>;
  /** Everybody who was given tokens at genesis, or earns them for accusing. */
  readonly holders: readonly Address[];
  readonly treasury: Address;
  /** Folder with the run's own content. */
  readonly published: string;
  /** Unix seconds of round 0. */
  readonly genesis: number;
  /** As `contracts`, for who works on simulated time. */
  contractsOn(time: SimulatedTime): RunContracts;
  /** Takes back everything since the deployment. */
  reset(): Promise<void>;
  /** An empty folder of a seed's own, which `close` removes with all else. */
  folder(): Promise<string>;
  close(): Promise<void>;
}

/** What a deployment prints about its content; nothing depends on it. */
const counts = { trainingTokens: 0, heldOutTokens: 0, shards: 0, parameters: 0 };

/** Deploys the contracts and publishes the run. @param parent folder that the world's own is made in */
export async function openWorld(parent: string, signal: AbortSignal): Promise<World> {
  const dir = await mkdtemp(join(parent, "weft-sim-"));
  const published = join(dir, "published");
  const store = await LocalStore.open(published);
  const manifest = await publishSimulatedRun(store, signal);
  const manifestRef = await store.put(canonicalManifest(manifest), { signal });
  const chain = await SimulatedChain.open(firstBlock);
  const genesis = Math.floor(firstBlock.getTime() / 1000) + genesisDelay;
  const everybody = await createParticipants({
    dir,
    seed: "simulation",
    miners: most.miners,
    validators: most.validators,
    adversaries: [],
  });
  const people = everybody.filter(({ role }) => role !== "delegator");
  for (const { address } of [accuserAccount, ...people.flatMap(({ coldkey, hotkey }) => [coldkey, hotkey])])
    await chain.request({ method: "hardhat_setBalance", params: [address, numberToHex(gasMoney)] });
  const [bank] = (await chain.request({ method: "eth_accounts", params: [] })) as Hex[];
  const allocation = allocationOf(people).set(bank, 1n);
  const registry = await deployContracts(chain.connection, {
    timetable: { genesis, ...timetable },
    run: { ...counts, manifest, manifestHash: manifestHash(manifest), manifestRef },
    allocation,
    parameters: "local",
    overrides: { treasury },
  });
  const contracts = await connectRun({ transport: flawlessRpc(chain), registry, deployBlock: 0n, signal });
  let base = await chain.snapshot();
  return {
    chain,
    contracts,
    manifest,
    people: new Map(people.map((person) => [person.name, person])),
    holders: [...allocation.keys(), accuserAccount.address],
    treasury,
    published,
    genesis,
    contractsOn(time) {
      const transport = flawlessRpc(chain, time);
      return { ...contracts, transport, publicClient: createPublicClient({ transport, cacheTime: 0 }) };
    },
    async reset() {
      await chain.revert(base);
      base = await chain.snapshot();
    },
    folder: () => mkdtemp(join(dir, "seed-")),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}
