/**
 * `chainHost.ts DIR ADDRESS`: the first host of a run. A chain on that address, a run of the tiny model whose content goes
 * to the daemon of `IPFS_API`, and a validator. Writes a line of JSON, {@link ChainHost}, and goes on until it is told to stop.
 */
import { once } from "node:events";
import { join } from "node:path";
import hre from "hardhat";
import { parseEther } from "viem";
import { deployContracts } from "../../scripts/deployment/deployContracts.ts";
import { startChain } from "../../scripts/localnet/chainNode.ts";
import { Children } from "../../scripts/localnet/children.ts";
import { allocationOf, createParticipants, fundKeys, joinAll } from "../../scripts/localnet/participants.ts";
import { startWorker } from "../../scripts/localnet/workers.ts";
import { connectRun } from "../../workers/chain/connectRun.ts";
import { writeNetworkFile } from "../../workers/cli/networkFile.ts";
import { canonicalManifest, manifestHash } from "../../workers/protocol/manifest.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { systemFetch } from "../../workers/runtime/network.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import { openStore, storeSettings } from "../../workers/storage/openStore.ts";
import { publishTinyRun } from "./tinyRun.ts";

export interface ChainHost {
  readonly rpcUrl: string;
  readonly registry: string;
  readonly period: number;
  /** Name of the validator. */
  readonly validator: string;
}

/** Long enough for an update to reach the next host in its phase on a machine with other work to do. */
const timetable = { period: 12, commitSeconds: 5, revealSeconds: 8, tempo: 3 };
/** Deployment, and the registrations of those who are there from the first round on. */
const genesisDelay = 25;
const bankTokens = parseEther("100000");

const [dir, address] = process.argv.slice(2);
const shutdown = installShutdown();
const { signal } = shutdown;
const children = new Children();
try {
  const content = join(dir, "content");
  const store = await openStore(storeSettings(content, process.env), {
    fetch: systemFetch,
    clock: systemClock,
  });
  const logs = join(dir, "logs");
  const { rpcUrl } = await startChain(children, 8545, join(logs, "chain.log"), systemClock, signal, address);
  const manifest = await publishTinyRun(store, signal);
  const manifestRef = await store.put(canonicalManifest(manifest), { signal });
  const plan = { dir, seed: "hosts", miners: 0, validators: 1, adversaries: [] };
  const participants = await createParticipants(plan);
  await fundKeys(rpcUrl, participants);
  const connection = await hre.network.create({ network: "localhost", override: { url: rpcUrl } });
  const [bank] = await connection.viem.getWalletClients();
  const client = await connection.viem.getPublicClient();
  const genesis = Number((await client.getBlock()).timestamp) + genesisDelay;
  const registry = await deployContracts(connection, {
    timetable: { genesis, ...timetable },
    run: {
      manifest,
      manifestHash: manifestHash(manifest),
      manifestRef,
      ...{ trainingTokens: 0, heldOutTokens: 0, shards: 0, parameters: 0 },
    },
    allocation: allocationOf(participants).set(bank.account.address, bankTokens),
    parameters: "local",
  });
  await connection.close();
  const contracts = await connectRun({ rpcUrl, registry, deployBlock: 0n, signal });
  await writeNetworkFile(dir, {
    rpcUrl,
    chainId: contracts.chainId,
    registry,
    store: content,
    deployBlock: 0,
  });
  const [validator] = await joinAll(contracts, participants, systemClock, signal, (participant) => {
    startWorker(children, { dir, dashboardPort: 0 }, participant);
  });
  const host: ChainHost = { rpcUrl, registry, period: timetable.period, validator: validator.name };
  process.stdout.write(`${JSON.stringify(host)}\n`);
  await once(signal, "abort");
} finally {
  await children.stopAll();
  process.exit();
}
