import { connectRun } from "../../workers/chain/connectRun.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { readNetworkFile } from "../../workers/cli/networkFile.ts";
import type { VerbArguments, VerbContext } from "./verb.ts";

/**
 * Connects to the run that the options name. URL: `--rpc`, else that of `--network`, else network.json's. Registry:
 * `--registry`, else network.json's, which also says on which chain it must be.
 * @throws as `readNetworkFile` and `connectRun`; FatalError CONFIG_VARIABLE_UNUSABLE
 */
export async function openRun(args: VerbArguments, context: VerbContext): Promise<RunContracts> {
  const url = args.rpc ?? (await context.network?.rpcUrl());
  const complete = url !== undefined && args.registry !== undefined;
  const file = complete ? undefined : await readNetworkFile(args.dir);
  const { signal } = context;
  const rpcUrl = url ?? file?.rpcUrl;
  if (args.registry !== undefined) {
    // Verbs read no old events: any block will do.
    return connectRun({ rpcUrl, registry: args.registry, deployBlock: 0n, signal });
  }
  const { registry = "", chainId, deployBlock = 0 } = file ?? {};
  return connectRun({ rpcUrl, registry, chainId, deployBlock: BigInt(deployBlock), signal });
}
