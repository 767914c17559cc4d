import { parseEventLogs } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { readBlock } from "../blocks.ts";
import { directoryAbi } from "../generated/abi.ts";
import { LogReader } from "../logReader.ts";
import type { RunContracts } from "../run.ts";
import type { Identity } from "./setIdentity.ts";

/** What a neuron says of itself. Foreign text: nothing in it is checked. */
export interface DirectoryEntry extends Identity {
  readonly endpoint: string;
}

export const NO_ENTRY: DirectoryEntry = { name: "", url: "", endpoint: "" };

/** The latest entry of every neuron that says anything. @throws RetryableError as `rpcError` */
export async function readDirectory(
  run: RunContracts,
  signal: AbortSignal,
): Promise<ReadonlyMap<NeuronId, DirectoryEntry>> {
  const { number: head } = await readBlock(run.publicClient, "latest", signal);
  const entries = new Map<NeuronId, DirectoryEntry>();
  const reader = new LogReader(run.publicClient, [run.addresses.directory]);
  for await (const logs of reader.read(run.deployBlock, head, signal)) {
    for (const log of parseEventLogs({ abi: directoryAbi, logs })) {
      const { neuronId, ...said } = log.args;
      entries.set(neuronId, { ...(entries.get(neuronId) ?? NO_ENTRY), ...said });
    }
  }
  return entries;
}
