import {
  type MetagraphRow,
  type MetagraphTable,
  readMetagraph,
} from "../../workers/chain/actions/readMetagraph.ts";
import { type BlockHeader, readBlock } from "../../workers/chain/blocks.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { phaseAt, type RoundClock, roundAt } from "../../workers/protocol/clock.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, columns, count, shortAddress, tokens } from "../format.ts";
import { coldkeyOf, type IdentityArguments } from "./keys.ts";
import { openRun } from "./openRun.ts";
import { readPool } from "./pool.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

/** Wei that one account has staked, by neuron. */
type OwnStake = ReadonlyMap<NeuronId, bigint>;

/**
 * Shows who takes part, and with `--as` or `--coldkey` what that coldkey has staked on each.
 * @throws as `openRun` and `coldkeyOf`; RetryableError as `rpcError`
 */
export async function metagraphVerb(args: IdentityArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const run = await openRun(args, context);
  const table = await readMetagraph(run, signal);
  const block = await readBlock(run.publicClient, table.blockNumber, signal);
  const named = args.as !== undefined || args.coldkey !== undefined;
  const own = named ? await readOwnStake(run, table, args, context) : undefined;
  return {
    lines: renderMetagraph(run.clock, block, table, own, context.width),
    json: metagraphJson(run, block, table, own),
  };
}

async function readOwnStake(
  run: RunContracts,
  { rows }: MetagraphTable,
  args: IdentityArguments,
  context: VerbContext,
): Promise<OwnStake> {
  const { address } = await coldkeyOf(args, context, "refuse");
  const read = async (neuronId: NeuronId) =>
    [neuronId, (await readPool(run, neuronId, address, context.signal)).own] as const;
  return new Map(await Promise.all(rows.map(({ neuronId }) => read(neuronId))));
}

/** The table, one string per line. */
function renderMetagraph(
  clock: RoundClock,
  block: BlockHeader,
  table: MetagraphTable,
  own: OwnStake | undefined,
  width: number | undefined,
): string[] {
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
    ...(own === undefined ? [] : ["yours WEFT"]),
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
    ...(own === undefined ? [] : [tokens(own.get(row.neuronId) ?? 0n)]),
  ]);
  return [header, "", ...columns([names, ...rows], [0, 1, 5, 6, 7, 8, 9, 10], width)];
}

function roundText(clock: RoundClock, time: number): string {
  if (time < clock.genesis) return `round 0 starts in ${count(clock.genesis - time)} s`;
  return `round ${roundAt(clock, time)}, ${phaseAt(clock, time)}`;
}

function roleText({ permitted, permittedNext }: MetagraphRow, epoch: number): string {
  if (permitted) return permittedNext ? "validator" : `validator until epoch ${epoch}`;
  return permittedNext ? `validator from epoch ${epoch + 1}` : "miner";
}

function metagraphJson(
  run: RunContracts,
  block: BlockHeader,
  { epoch, burnPrice, rows }: MetagraphTable,
  own: OwnStake | undefined,
) {
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
      ...(own === undefined ? {} : { ownStake: weftJson(own.get(row.neuronId) ?? 0n) }),
    })),
  };
}

export default verbAction(metagraphVerb);
