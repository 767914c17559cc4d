import { resolve } from "node:path";
import type { RunContracts } from "../../workers/chain/run.ts";
import { readNetworkFile } from "../../workers/cli/networkFile.ts";
import { type ReadableRun, readContracts } from "../../workers/cli/readRun.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { sparingProgress } from "../../workers/runtime/progress.ts";
import { storeSettings } from "../../workers/storage/openStore.ts";
import type { VerbArguments, VerbContext } from "./verb.ts";

/** Options of verbs that read content. */
export interface StoreArguments extends VerbArguments {
  /** Folder of the content store, instead of network.json's. */
  readonly store?: string;
}

/** The run with all its events and its content. @throws as `readNetworkFile` and `readContracts` */
export async function readEvents(
  contracts: RunContracts,
  args: StoreArguments,
  { signal, say }: Pick<VerbContext, "signal" | "say">,
): Promise<ReadableRun> {
  const folder = args.store ?? (await readNetworkFile(args.dir)).store;
  const progress = sparingProgress(say, systemClock);
  return readContracts(contracts, storeSettings(resolve(folder), process.env), signal, progress);
}
