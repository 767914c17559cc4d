import { type PublicClient, parseEventLogs } from "viem";
import type { ChainEvent } from "../../workers/protocol/chainEvents.ts";
import { type DeployedRun, runAbis } from "./deployedRun.ts";

/** Arguments that workers hold as number. */
const counts = new Set(["round", "epoch", "fromEpoch", "uid", "size", "logSize"]);

/** Every event of a run's contracts, in the order of the chain, as the workers' projection takes them. */
export async function runEvents(client: PublicClient, run: DeployedRun): Promise<ChainEvent[]> {
  const abi = Object.values(runAbis).flatMap((one) => one.filter(({ type }) => type === "event"));
  const address = Object.values(run);
  const logs = parseEventLogs({ abi, logs: await client.getLogs({ address, fromBlock: 0n }) });
  const times = new Map<bigint, number>();
  const events: ChainEvent[] = [];
  for (const { eventName, args, blockNumber, logIndex } of logs) {
    const time = times.get(blockNumber) ?? Number((await client.getBlock({ blockNumber })).timestamp);
    times.set(blockNumber, time);
    const entries = Object.entries<unknown>(Object(args)).map(([name, value]) => [
      name,
      counts.has(name) ? Number(value) : value,
    ]);
    // The events' names and arguments are those of the protocol's types; others are dropped by the projection.
    events.push({ ...Object.fromEntries(entries), type: eventName, blockNumber, logIndex, time });
  }
  return events;
}
