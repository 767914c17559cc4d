import { join, resolve } from "node:path";
import { Command, type CommanderError } from "commander";
import { FatalError } from "../protocol/errors.ts";
import type { LogLevel } from "../runtime/log.ts";
import { type StoreSettings, storeSettings } from "../storage/openStore.ts";
import { type DeviceChoice, deviceChoices } from "../training/devices.ts";
import { defaultNetworkDir, readNetworkFile } from "./networkFile.ts";
import { oneOf, wholeIn } from "./optionValues.ts";

/** What a worker process needs to know to join a run. Paths are absolute. */
export interface WorkerOptions {
  readonly rpcUrl: string;
  readonly registry: string;
  readonly chainId: number | undefined;
  readonly deployBlock: bigint | undefined;
  readonly store: StoreSettings;
  /** Key file of the hotkey. */
  readonly hotkeyFile: string;
  /** Folder of this worker alone: journal, states, metrics. */
  readonly folder: string;
  /** Threads onnxruntime may use. */
  readonly threads: number;
  readonly device: DeviceChoice;
  readonly logLevel: LogLevel;
}

const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/** Options every worker has. */
export function workerCommand(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride(refuse)
    .option("--dir <dir>", "folder of the run's network.json, keys and workers", defaultNetworkDir)
    .option("--as <name>", "who to work as: uses keys/NAME-hotkey.json in --dir")
    .option("--hotkey <file>", "key file of the hotkey, instead of --as")
    .option("--rpc <url>", "RPC URL, instead of the one in network.json")
    .option("--registry <address>", "address of the run's RunRegistry, instead of the one in network.json")
    .option("--store <dir>", "folder of the content store, instead of the one in network.json")
    .option("--ipfs <url>", "RPC API of a Kubo daemon to keep content in (or IPFS_API)")
    .option(
      "--gateway <url...>",
      "trustless gateways to ask for missing content (or IPFS_GATEWAYS, by commas)",
    )
    .option("--folder <dir>", "this worker's own folder (default: workers/NAME in --dir)")
    .option("--threads <n>", "threads for training and evaluation", "1")
    .option("--device <device>", `where to train: ${deviceChoices.join(", ")}`, "auto")
    .option("--log <level>", `least that is logged: ${logLevels.join(", ")}`, "info");
}

/** After `--help` the process ends; a command line that cannot be read is an error like any other. */
function refuse(error: CommanderError): never {
  if (error.exitCode === 0) process.exit(0);
  throw new FatalError("OPTION_INVALID", error.message.replace(/^error: /, "").replaceAll("\n", " "), {
    hint: "Run it with --help to see the options.",
  });
}

interface Given {
  readonly dir: string;
  readonly as?: string;
  readonly hotkey?: string;
  readonly rpc?: string;
  readonly registry?: string;
  readonly store?: string;
  readonly ipfs?: string;
  readonly gateway?: readonly string[];
  readonly folder?: string;
  readonly threads: string;
  readonly device: string;
  readonly log: string;
}

/**
 * Reads a worker's command line.
 * @throws FatalError `NO_IDENTITY`, `OPTION_INVALID`; as `readNetworkFile` where something has to come from there
 */
export async function parseWorkerOptions(command: Command, argv: readonly string[]): Promise<WorkerOptions> {
  command.parse(argv, { from: "user" });
  const given = command.opts<Given>();
  const { as, hotkey, rpc, registry, store } = given;
  if (as === undefined && hotkey === undefined) {
    throw new FatalError("NO_IDENTITY", "it is not said who is to work", {
      hint: "Give --as NAME (registered with npx hardhat register --as NAME), or --hotkey FILE.",
    });
  }
  const threads = wholeIn("--threads", given.threads, 1, 256);
  const device = oneOf("--device", deviceChoices, given.device);
  const logLevel = oneOf("--log", logLevels, given.log);
  const complete = rpc !== undefined && registry !== undefined && store !== undefined;
  const network = complete ? undefined : await readNetworkFile(given.dir);
  const name = as ?? "worker";
  return {
    rpcUrl: rpc ?? network?.rpcUrl ?? "",
    registry: registry ?? network?.registry ?? "",
    chainId: rpc === undefined ? network?.chainId : undefined,
    deployBlock: registry === undefined && network !== undefined ? BigInt(network.deployBlock) : undefined,
    store: storeSettings(resolve(store ?? network?.store ?? ""), process.env, given),
    hotkeyFile: resolve(hotkey ?? join(given.dir, "keys", `${name}-hotkey.json`)),
    folder: resolve(given.folder ?? join(given.dir, "workers", name)),
    threads,
    device,
    logLevel,
  };
}
