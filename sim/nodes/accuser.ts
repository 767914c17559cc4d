import { type Account, encodeFunctionData, type Hex, keccak256, parseEventLogs, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { ContractRevert } from "../../workers/chain/contractRevert.ts";
import { slashingAbi, updateLedgerAbi, weightLedgerAbi } from "../../workers/chain/generated/abi.ts";
import { LogReader } from "../../workers/chain/logReader.ts";
import { type SigningRun, signingRun } from "../../workers/chain/run.ts";
import { epochOf, firstRoundOf, roundStart } from "../../workers/protocol/clock.ts";
import type { Epoch, NeuronId, Round } from "../../workers/protocol/quantities.ts";
import type { RunHistory } from "../../workers/protocol/runHistory.ts";
import type { SimulatedTime } from "../world/simulatedTime.ts";
import type { World } from "../world/world.ts";

/** A penalty that was taken. */
export interface Penalty {
  readonly neuronId: NeuronId;
  readonly fault: "update" | "weights" | "other";
  /** Round of an update, epoch of weights. */
  readonly period: number;
}

/** Has coin on every simulated chain. */
export const accuserAccount = privateKeyToAccount(keccak256(toHex("weft simulation accuser")));

/** Order of the contract's `Fault`. */
const faults = ["update", "weights"] as const;

export interface AccuserOptions {
  readonly world: World;
  readonly time: SimulatedTime;
  readonly account: Account;
  readonly history: RunHistory;
}

/** Somebody who brings every fault to the contracts: whoever can be slashed is. Ends with the signal. */
export async function accuse(
  { world, time, account, history }: AccuserOptions,
  signal: AbortSignal,
): Promise<void> {
  const contracts = world.contractsOn(time);
  const { clock } = contracts;
  const ownClock = time.clockOf({});
  const run = signingRun(contracts, account, { clock: ownClock, settings: { pollMs: 3_000 } });
  for (let round = 0; ; round++) {
    const due = roundStart(clock, round + 1) + 20;
    await ownClock.sleep((due - time.unix) * 1000, signal);
    await accuseUpdates(run, history, round, signal);
    // The window of an epoch's reveals is over: it was the second round of the next.
    const epoch = epochOf(clock, round) - 1;
    if (epoch >= 0 && round === firstRoundOf(clock, epoch + 1) + 1)
      await accuseWeights(run, history, epoch, signal);
  }
}

/** Every penalty that stands on the chain. */
export async function penalties({ contracts }: World, signal: AbortSignal): Promise<Penalty[]> {
  const { publicClient, addresses } = contracts;
  const found: Penalty[] = [];
  const head = await publicClient.getBlockNumber({ cacheTime: 0 });
  for await (const logs of new LogReader(publicClient, [addresses.slashing]).read(0n, head, signal))
    for (const { args } of parseEventLogs({ abi: slashingAbi, eventName: "Slashed", logs }))
      found.push({
        neuronId: args.neuronId,
        fault: faults[args.fault] ?? "other",
        period: Number(args.period),
      });
  return found;
}

async function accuseUpdates(run: SigningRun, history: RunHistory, round: Round, signal: AbortSignal) {
  const revealed = new Set(history.reveals(round).map(({ hotkey }) => hotkey));
  const open = history.commits(round).filter(({ hotkey }) => !revealed.has(hotkey));
  if (open.length === 0) return;
  const ledger = { abi: updateLedgerAbi, functionName: "tally", args: [BigInt(round)] } as const;
  await attempt(run, run.addresses.updateLedger, encodeFunctionData(ledger), signal);
  for (const { hotkey } of open) {
    const slash = { abi: slashingAbi, functionName: "slashUpdate", args: [hotkey, BigInt(round)] } as const;
    await attempt(run, run.addresses.slashing, encodeFunctionData(slash), signal);
  }
}

async function accuseWeights(run: SigningRun, history: RunHistory, epoch: Epoch, signal: AbortSignal) {
  const revealed = new Set(history.weightRows(epoch).map(({ neuronId }) => neuronId));
  const committed = new Set(history.settled.weightCommits(epoch).map(({ neuronId }) => neuronId));
  const open = history.metagraph
    .holders()
    .filter(({ neuronId }) => committed.has(neuronId) && !revealed.has(neuronId));
  if (open.length === 0) return;
  const ledger = { abi: weightLedgerAbi, functionName: "tally", args: [BigInt(epoch)] } as const;
  await attempt(run, run.addresses.weightLedger, encodeFunctionData(ledger), signal);
  for (const { hotkey } of open) {
    const slash = { abi: slashingAbi, functionName: "slashWeights", args: [hotkey, BigInt(epoch)] } as const;
    await attempt(run, run.addresses.slashing, encodeFunctionData(slash), signal);
  }
}

/** What the contracts refuse is no fault. */
async function attempt(run: SigningRun, to: Hex, data: Hex, signal: AbortSignal): Promise<void> {
  try {
    await run.sender.send({ action: "accuse", to, data }, signal);
  } catch (error) {
    if (!(error instanceof ContractRevert)) throw error;
  }
}
