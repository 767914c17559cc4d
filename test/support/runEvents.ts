import type { PublicClient } from "viem";
import { decodeEvent, parseEvents } from "../../workers/chain/decodeEvent.ts";
import type { ChainEvent } from "../../workers/protocol/chainEvents.ts";
import type { DeployedRun } from "./deployedRun.ts";

/** Every event of a run's contracts that workers follow, in the order of the chain. */
export async function runEvents(client: PublicClient, run: DeployedRun): Promise<ChainEvent[]> {
  const logs = parseEvents(await client.getLogs({ address: Object.values(run), fromBlock: 0n }));
  const times = new Map<bigint, number>();
  const events: ChainEvent[] = [];
  for (const log of logs) {
    const { blockNumber } = log;
    const time = times.get(blockNumber) ?? Number((await client.getBlock({ blockNumber })).timestamp);
    times.set(blockNumber, time);
    events.push(decodeEvent(log, time));
  }
  return events;
}
