import { join, resolve } from "node:path";
import type { Command } from "commander";
import { FatalError } from "../protocol/errors.ts";
import type { ListenAddress } from "../runtime/listen.ts";
import type { LogLevel } from "../runtime/log.ts";
import { type DeviceChoice, deviceChoices } from "../training/devices.ts";
import { bytesFrom, httpUrl, listenAddress, oneOf, wholeIn } from "./optionValues.ts";
import { type GivenLocation, locateRun, type RunLocation, runCommand } from "./runOptions.ts";

/** What a worker process needs to know to join a run. Paths are absolute. */
export interface WorkerOptions extends RunLocation {
  /** Key file of the hotkey. */
  readonly hotkeyFile: string;
  /** File with its passphrase; asked for at a terminal where undefined. */
  readonly passphraseFile: string | undefined;
  /** Folder of this worker alone: journal, states, metrics. */
  readonly folder: string;
  /** Threads onnxruntime may use. */
  readonly threads: number;
  readonly device: DeviceChoice;
  /** Most that is paid for a unit of gas, wei. */
  readonly maxFeePerGas: bigint;
  readonly logLevel: LogLevel;
  /** Rounds without use after which content goes that nothing needs. */
  readonly keepRounds: number;
  /** Bytes of content that this machine may hold; undefined for any number. */
  readonly quotaBytes: number | undefined;
  /** Bytes of fetched shards that this machine may hold; undefined for any number. */
  readonly shardQuotaBytes: number | undefined;
  /** Where metrics and health are served; nowhere when undefined. */
  readonly telemetry: ListenAddress | undefined;
  /** The projector that is told what this worker measured; nobody when undefined. */
  readonly reportTo: URL | undefined;
}

const gwei = 10n ** 9n;

/** For a worker inside of another program: one thread of the CPU, silent, nothing served, nothing bounded. */
export const embeddedWorker: Omit<WorkerOptions, keyof RunLocation | "hotkeyFile" | "folder"> = {
  passphraseFile: undefined,
  threads: 1,
  device: "cpu",
  maxFeePerGas: 1_000n * gwei,
  logLevel: "silent",
  keepRounds: 2_000,
  quotaBytes: undefined,
  shardQuotaBytes: undefined,
  telemetry: undefined,
  reportTo: undefined,
};
const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/** Options every worker has. */
export function workerCommand(name: string, description: string): Command {
  return runCommand(name, description)
    .option("--as <name>", "who to work as: uses keys/NAME-hotkey.json in --dir")
    .option("--hotkey <file>", "key file of the hotkey, instead of --as")
    .option("--passphrase-file <file>", "file with the passphrase of an encrypted hotkey")
    .option("--folder <dir>", "this worker's own folder (default: workers/NAME in --dir)")
    .option("--threads <n>", "threads for training and evaluation", "1")
    .option("--device <device>", `where to train: ${deviceChoices.join(", ")}`, "auto")
    .option("--max-fee <gwei>", "most that is paid for a unit of gas", "500")
    .option("--keep-rounds <n>", "rounds without use after which unneeded content is removed", "2000")
    .option("--store-quota <size>", "most content to hold, e.g. 20GB (default: no limit)")
    .option("--shard-quota <size>", "of it, most shards of the data set, e.g. 2GB (default: no limit)")
    .option(
      "--metrics <[host:]port>",
      "serve Prometheus metrics and /healthz there; host 127.0.0.1 by default",
    )
    .option(
      "--report-to <url>",
      "projector to tell what is measured: losses, scores, seconds; signed by the hotkey",
    )
    .option("--log <level>", `least that is logged: ${logLevels.join(", ")}`, "info");
}

interface Given extends GivenLocation {
  readonly as?: string;
  readonly hotkey?: string;
  readonly passphraseFile?: string;
  readonly folder?: string;
  readonly threads: string;
  readonly device: string;
  readonly maxFee: string;
  readonly keepRounds: string;
  readonly storeQuota?: string;
  readonly shardQuota?: string;
  readonly metrics?: string;
  readonly reportTo?: string;
  readonly log: string;
}

/** Key file of the hotkey that options name, absolute; undefined where they name none. */
export function hotkeyFileOf({ as, hotkey, dir }: Pick<Given, "as" | "hotkey" | "dir">): string | undefined {
  if (hotkey !== undefined) return resolve(hotkey);
  return as === undefined ? undefined : resolve(join(dir, "keys", `${as}-hotkey.json`));
}

/**
 * Reads a worker's command line.
 * @throws FatalError `NO_IDENTITY`, `OPTION_INVALID`; as `readNetworkFile` where something has to come from there
 */
export async function parseWorkerOptions(command: Command, argv: readonly string[]): Promise<WorkerOptions> {
  command.parse(argv, { from: "user" });
  const given = command.opts<Given>();
  const hotkeyFile = hotkeyFileOf(given);
  if (hotkeyFile === undefined) {
    throw new FatalError("NO_IDENTITY", "it is not said who is to work", {
      hint: "Give --as NAME (registered with npx hardhat register --as NAME), or --hotkey FILE.",
    });
  }
  const threads = wholeIn("--threads", given.threads, 1, 256);
  const device = oneOf("--device", deviceChoices, given.device);
  const logLevel = oneOf("--log", logLevels, given.log);
  const telemetry = given.metrics === undefined ? undefined : listenAddress("--metrics", given.metrics);
  const reportTo = given.reportTo === undefined ? undefined : httpUrl("--report-to", given.reportTo);
  const keepRounds = wholeIn("--keep-rounds", given.keepRounds, 1, 1e9);
  const quotaOf = (option: string, size: string | undefined) =>
    size === undefined ? undefined : bytesFrom(option, size);
  const quotaBytes = quotaOf("--store-quota", given.storeQuota);
  const shardQuotaBytes = quotaOf("--shard-quota", given.shardQuota);
  const name = given.as ?? "worker";
  return {
    ...(await locateRun(given)),
    hotkeyFile,
    passphraseFile: given.passphraseFile === undefined ? undefined : resolve(given.passphraseFile),
    folder: resolve(given.folder ?? join(given.dir, "workers", name)),
    threads,
    device,
    maxFeePerGas: BigInt(wholeIn("--max-fee", given.maxFee, 1, 1_000_000)) * gwei,
    logLevel,
    keepRounds,
    quotaBytes,
    shardQuotaBytes,
    telemetry,
    reportTo,
  };
}
