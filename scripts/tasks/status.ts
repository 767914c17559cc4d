import { readBalances } from "../../workers/chain/actions/readBalances.ts";
import { readMetagraph } from "../../workers/chain/actions/readMetagraph.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { ReadableRun } from "../../workers/cli/readRun.ts";
import { gatheredUids } from "../../workers/node/gatheredUids.ts";
import { epochOf, phaseAt, phaseEnd, roundAt } from "../../workers/protocol/clock.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { epochStatus, type RoundStatus, roundStatus } from "../../workers/protocol/neuronStatus.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { parseCount } from "./amounts.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { readEvents, type StoreArguments } from "./readEvents.ts";
import { problemsOf, type Standing, statusLines } from "./statusLines.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface StatusArguments extends NeuronArguments, StoreArguments {
  /** How many rounds to look back, 6 unless given. */
  readonly rounds?: string;
}

const shownRounds = 6;
const mostRounds = 100;
/** Gas that a worker of each role needs in an epoch, roundly: its transactions come to 30,000 to 60,000 each. */
const gasOfDuties = 40_000n * 20n;

/**
 * Whether a node works, from the chain alone: what became of its last rounds and why, its duties as validator, what it
 * earned, gas, and what to do about each problem.
 * @throws FatalError NUMBER_INVALID, UNKNOWN_NEURON; as `openRun`, `neuronOf`, `readEvents`
 */
export async function statusVerb(args: StatusArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const back = roundsBack(args.rounds);
  const contracts = await openRun(args, context);
  const neuronId = await neuronOf(contracts, args, signal);
  const read = await readEvents(contracts, args, context);
  const standing = await standingOf(read, neuronId, back, signal);
  const problems = problemsOf(standing);
  const { hotkeyCoin, coinNeeded, stake, earned, claimed, ...plain } = standing;
  const money = {
    stake: weftJson(stake),
    earned: weftJson(earned),
    claimed: weftJson(claimed),
    hotkeyCoin: weftJson(hotkeyCoin),
  };
  return {
    lines: statusLines(standing, problems, context.width),
    json: { ...plain, neuronId: String(neuronId), ...money, problems },
  };
}

async function standingOf(
  read: ReadableRun,
  neuronId: NeuronId,
  back: number,
  signal: AbortSignal,
): Promise<Standing> {
  const { run, beacons, follower } = read;
  const { history } = follower;
  const { clock } = history;
  const time = follower.syncedTime;
  const neuron = history.metagraph.neuron(neuronId);
  if (neuron === undefined) {
    throw new FatalError("UNKNOWN_NEURON", `neuron ${neuronId} is not in the blocks that were read`, {
      data: { neuronId, head: read.head },
      hint: "Its registration waits for confirmations: ask again in some blocks.",
    });
  }
  const table = await readMetagraph(run.contracts, signal);
  const row = table.rows.find((each) => each.neuronId === neuronId);
  const { coin } = await readBalances(run.contracts, neuron.hotkey, signal);
  const price = await callRpc("read the gas price", signal, () => run.contracts.publicClient.getGasPrice());
  const round = time < clock.genesis ? undefined : roundAt(clock, time);
  const rounds: RoundStatus[] = [];
  for (let past = Math.max(0, (round ?? 0) - back); round !== undefined && past <= round; past++) {
    const gathered = past < round ? await gatheredUids({ run, beacons, history }, past, signal) : undefined;
    rounds.push(roundStatus(history, neuronId, past, gathered));
  }
  const epoch = round === undefined ? 0 : epochOf(clock, round);
  const ranked = table.rows.toSorted((a, b) => b.incentive - a.incentive);
  return {
    neuronId,
    uid: row === undefined ? undefined : neuron.uid,
    hotkey: neuron.hotkey,
    role: row?.permitted ? "validator" : row?.permittedNext ? "validator from the next epoch" : "miner",
    round,
    epoch,
    phase: round === undefined ? undefined : phaseAt(clock, time),
    phaseEndsIn: round === undefined ? clock.genesis - time : phaseEnd(clock, time) - time,
    rounds,
    epochs: [epoch - 2, epoch - 1]
      .filter((past) => past >= 0)
      .map((past) => epochStatus(history, neuronId, past)),
    incentive: row?.incentive ?? 0,
    rank: row === undefined || row.incentive === 0 ? undefined : ranked.indexOf(row) + 1,
    ranked: ranked.filter(({ incentive }) => incentive > 0).length,
    stake: row?.stake ?? 0n,
    earned: row?.earned ?? 0n,
    claimed: row?.claimed ?? 0n,
    hotkeyCoin: coin,
    coinNeeded: price * gasOfDuties,
  };
}

function roundsBack(text: string | undefined): number {
  if (text === undefined) return shownRounds;
  const value = parseCount("--rounds", text);
  if (value > 0n && value <= BigInt(mostRounds)) return Number(value);
  throw new FatalError("NUMBER_INVALID", `--rounds ${text} is not within 1 to ${mostRounds}`, {
    data: { option: "--rounds", text },
    hint: `Give 1 to ${mostRounds}.`,
  });
}

export default verbAction(statusVerb);
