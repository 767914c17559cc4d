import { resolve } from "node:path";
import { Command, type CommanderError } from "commander";
import { type StoreSettings, storeSettings } from "../storage/openStore.ts";
import { unreadable } from "./commandLine.ts";
import { defaultNetworkDir, readNetworkFile } from "./networkFile.ts";

/** Where a run and its content are. Paths are absolute. */
export interface RunLocation {
  readonly rpcUrl: string;
  readonly registry: string;
  readonly chainId: number | undefined;
  readonly deployBlock: bigint | undefined;
  readonly store: StoreSettings;
}

/** The options of `runCommand`, as given. */
export interface GivenLocation {
  readonly dir: string;
  readonly rpc?: string;
  readonly registry?: string;
  readonly store?: string;
  readonly ipfs?: string;
  readonly gateway?: readonly string[];
}

/** A command with the options that say where a run is. */
export function runCommand(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .configureOutput({ writeErr: () => undefined })
    .exitOverride(refuse)
    .option("--dir <dir>", "folder of the run's network.json, keys and workers", defaultNetworkDir)
    .option(
      "--rpc <urls>",
      "RPC URL, or several by commas, the first preferred; instead of the one in network.json",
    )
    .option("--registry <address>", "address of the run's RunRegistry, instead of the one in network.json")
    .option("--store <dir>", "folder of the content store, instead of the one in network.json")
    .option("--ipfs <url>", "RPC API of a Kubo daemon to keep content in (or IPFS_API)")
    .option(
      "--gateway <url...>",
      "trustless gateways to ask for missing content (or IPFS_GATEWAYS, by commas)",
    );
}

/** After `--help` the process ends; a command line that cannot be read is an error like any other. */
function refuse(error: CommanderError): never {
  if (error.exitCode === 0) process.exit(0);
  throw unreadable(error, "Run it with --help to see the options.");
}

/** What the options say, completed from network.json. @throws as `readNetworkFile` where something has to come from there */
export async function locateRun(given: GivenLocation): Promise<RunLocation> {
  const { rpc, registry, store } = given;
  const complete = rpc !== undefined && registry !== undefined && store !== undefined;
  const network = complete ? undefined : await readNetworkFile(given.dir);
  return {
    rpcUrl: rpc ?? network?.rpcUrl ?? "",
    registry: registry ?? network?.registry ?? "",
    chainId: rpc === undefined ? network?.chainId : undefined,
    deployBlock: registry === undefined && network !== undefined ? BigInt(network.deployBlock) : undefined,
    store: storeSettings(resolve(store ?? network?.store ?? ""), process.env, given),
  };
}
