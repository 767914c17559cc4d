import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type Address, parseEther } from "viem";
import { connectRun } from "../../workers/chain/connectRun.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import { networkFilePath, writeNetworkFile } from "../../workers/cli/networkFile.ts";
import { contentRef } from "../../workers/cli/optionValues.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { runToExit } from "../../workers/runtime/exit.ts";
import { systemFetch } from "../../workers/runtime/network.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import { openStore, storeSettings } from "../../workers/storage/openStore.ts";

import { roundTiming, timeInnerPhase } from "../deployment/calibrate.ts";
import { deployContracts, localChainId, type Timetable } from "../deployment/deployContracts.ts";
import { publishRun } from "../deployment/publishRun.ts";
import { configuredNetwork } from "./configuredNetwork.ts";

interface DeployArguments {
  readonly dir: string;
  readonly data?: string;
  readonly dataset?: string;
  readonly model?: string;
  readonly seed: string;
  readonly miners: number;
  readonly rounds: number;
  readonly overlap: number;
  readonly genesisIn: number;
}

const hardhat = fileURLToPath(new URL("../../node_modules/hardhat/dist/src/cli.js", import.meta.url));
/** What the deploying account gets at genesis on the local chain and elsewhere; production allows 5 % of the cap. */
const localAllocation = parseEther("100000");
const allocationElsewhere = parseEther("1000000");
const productionTimetable = { period: 1_800, commitSeconds: 1_440, revealSeconds: 1_620, tempo: 12 };
const localTempo = 3;

/** Publishes data set, θ_0 and manifest, deploys every contract and writes network.json. */
export default function deploy(args: DeployArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runToExit(async () => {
    const shutdown = installShutdown();
    try {
      await publishAndDeploy(args, hre, shutdown.signal);
    } finally {
      shutdown.dispose();
    }
  });
}

async function publishAndDeploy(
  args: DeployArguments,
  hre: HardhatRuntimeEnvironment,
  signal: AbortSignal,
): Promise<void> {
  const { seed, miners, rounds, overlap } = args;
  const dataset = args.dataset === undefined ? undefined : contentRef("--dataset", args.dataset);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const network = hre.globalOptions.network ?? "localhost";
  const rpcUrl = await configuredNetwork(network, hre.config.networks)?.rpcUrl();
  const connection = await hre.network.create(network);
  const client = await connection.viem.getPublicClient();
  const chainId = await callRpc("read the chain id", signal, () => client.getChainId());
  say("compiling the contracts …");
  await compile(signal);

  const store = await openStore(storeSettings(join(resolve(args.dir), "content"), process.env), {
    fetch: systemFetch,
    clock: systemClock,
  });
  const data = args.data === undefined ? undefined : resolve(args.data);
  say("preparing the data set …");
  const model = args.model === undefined ? undefined : resolve(args.model);
  const run = await publishRun({ store, data, dataset, model, seed, rounds, miners, overlap, signal });
  const phases =
    chainId === localChainId
      ? { ...roundTiming(await timeInnerPhase(run.manifest, miners, systemClock, signal)), tempo: localTempo }
      : productionTimetable;
  const { timestamp } = await client.getBlock();
  const timetable: Timetable = { ...phases, genesis: Number(timestamp) + args.genesisIn };

  say("deploying the contracts …");
  const [deployer] = await connection.viem.getWalletClients();
  if (deployer === undefined) {
    throw new FatalError("NO_DEPLOYER", `network ${network} has no account to deploy with`, {
      hint: "Set WEFT_PRIVATE_KEY, or store it with npx hardhat keystore set WEFT_PRIVATE_KEY.",
    });
  }
  const tokens = chainId === localChainId ? localAllocation : allocationElsewhere;
  const deployBlock = Number(await client.getBlockNumber());
  const registry = await deployContracts(connection, {
    timetable,
    run,
    allocation: new Map<Address, bigint>([[deployer.account.address, tokens]]),
    parameters: chainId === localChainId ? "local" : "production",
  });
  await connectRun({ rpcUrl, registry, chainId, deployBlock: BigInt(deployBlock), signal });
  await writeNetworkFile(args.dir, {
    rpcUrl: rpcUrl ?? "",
    chainId,
    registry,
    store: join(resolve(args.dir), "content"),
    deployBlock,
  });
  const seconds = timetable.genesis - Number((await client.getBlock()).timestamp);
  process.stdout.write(
    `${[
      `run registry ${registry} on chain ${chainId}, written to ${networkFilePath(args.dir)}`,
      `rounds of ${timetable.period} s, ${timetable.tempo} to an epoch; round 0 starts ${seconds > 0 ? `in ${seconds} s` : "now"}: ` +
        "validators that registered and staked before then count from the first epoch on",
      "Join: npx hardhat register --as NAME, then npm run miner -- --as NAME",
    ].join("\n")}\n`,
  );
}

/** Compiles in a process of its own, whose warnings about dependencies nobody needs to read here. */
async function compile(signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [hardhat, "build", "--no-tests"], {
      signal,
      maxBuffer: 1 << 26,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FatalError("COMPILATION_FAILED", "the contracts do not compile", {
      cause,
      hint: "Run npx hardhat build to see why.",
    });
  }
}
