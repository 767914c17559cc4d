import {
  type MetagraphRow,
  type MetagraphTable,
  readMetagraph,
} from "../../workers/chain/actions/readMetagraph.ts";
import { type BlockHeader, readBlock } from "../../workers/chain/blocks.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { phaseAt, type RoundClock, roundAt } from "../../workers/protocol/clock.ts";
import { amount, columns, count, shortAddress, tokens } from "../format.ts";
import { openRun } from "./openRun.ts";
import { weftJson } from "./outcome.ts";
import { type Outcome, type VerbArguments, type VerbContext, verbAction } from "./verb.ts";

/** Shows who takes part. @throws as `openRun`; RetryableError as `rpcError` */
export async function metagraphVerb(args: VerbArguments, context: VerbContext): Promise<Outcome> {
  const run = await openRun(args, context);
  const table = await readMetagraph(run, context.signal);
  const block = await readBlock(run.publicClient, table.blockNumber, context.signal);
  return {
    lines: renderMetagraph(run.clock, block, table),
    json: metagraphJson(run, block, table),
  };
}

/** The table, one string per line. */
export function renderMetagraph(clock: RoundClock, block: BlockHeader, table: MetagraphTable): string[] {
  const header = [
    `block ${count(block.number)}`,
    `epoch ${table.epoch}`,
    roundText(clock, block.timestamp),
    `registering burns ${amount(table.burnPrice, "WEFT")}`,
  ].join(" · ");
  if (table.rows.length === 0) return [header, "nobody has registered yet: npx hardhat register --as NAME"];
  const names = [
    "uid",
    "neuron",
    "hotkey",
    "coldkey",
    "role",
    "stake WEFT",
    "incentive",
    "earned WEFT",
    "claimed WEFT",
    "gas coin",
  ];
  const rows = table.rows.map((row) => [
    String(row.uid),
    String(row.neuronId),
    shortAddress(row.hotkey),
    shortAddress(row.coldkey),
    roleText(row, table.epoch),
    tokens(row.stake),
    `${(row.incentive * 100).toFixed(1)} %`,
    tokens(row.earned),
    tokens(row.claimed),
    row.hotkeyCoin === 0n ? "none!" : tokens(row.hotkeyCoin),
  ]);
  return [header, "", ...columns([names, ...rows], [0, 1, 5, 6, 7, 8, 9])];
}

function roundText(clock: RoundClock, time: number): string {
  if (time < clock.genesis) return `round 0 starts in ${count(clock.genesis - time)} s`;
  return `round ${roundAt(clock, time)}, ${phaseAt(clock, time)}`;
}

function roleText({ permitted, permittedNext }: MetagraphRow, epoch: number): string {
  if (permitted) return permittedNext ? "validator" : `validator until epoch ${epoch}`;
  return permittedNext ? `validator from epoch ${epoch + 1}` : "miner";
}

function metagraphJson(run: RunContracts, block: BlockHeader, { epoch, burnPrice, rows }: MetagraphTable) {
  const started = block.timestamp >= run.clock.genesis;
  return {
    chainId: run.chainId,
    registry: run.addresses.registry,
    block: Number(block.number),
    time: block.timestamp,
    epoch,
    round: started ? roundAt(run.clock, block.timestamp) : null,
    phase: started ? phaseAt(run.clock, block.timestamp) : null,
    burnPrice: weftJson(burnPrice),
    neurons: rows.map((row) => ({
      ...row,
      neuronId: String(row.neuronId),
      stake: weftJson(row.stake),
      earned: weftJson(row.earned),
      claimed: weftJson(row.claimed),
      hotkeyCoin: weftJson(row.hotkeyCoin),
    })),
  };
}

export default verbAction(metagraphVerb);
