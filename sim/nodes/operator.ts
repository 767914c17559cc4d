import { parseEther } from "viem";
import { VirtualClock } from "../../lab/training/virtualClock.ts";
import { joinAll, type Participant } from "../../scripts/localnet/participants.ts";
import { claimPermit } from "../../workers/chain/actions/claimPermit.ts";
import { readNeuron } from "../../workers/chain/actions/readNeuron.ts";
import { register as registerHotkey } from "../../workers/chain/actions/register.ts";
import { stake } from "../../workers/chain/actions/stake.ts";
import { ContractRevert } from "../../workers/chain/contractRevert.ts";
import { stakeManagerAbi } from "../../workers/chain/generated/abi.ts";
import { type SigningRun, signingRun } from "../../workers/chain/run.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { blockSeconds, timetable } from "../plan.ts";
import type { Trace } from "../trace.ts";
import type { SimulatedTime } from "../world/simulatedTime.ts";
import type { World } from "../world/world.ts";
import type { SimulatedWorker } from "./simulatedWorker.ts";

/** Seconds before round 0 at which a simulation begins. */
export const leadSeconds = 30;
/** Seconds in which more blocks come than a reorganisation replaces. */
const deepSeconds = 13 * blockSeconds;

export interface OperatorOptions {
  readonly world: World;
  readonly time: SimulatedTime;
  readonly trace: Trace;
  readonly worker: SimulatedWorker;
  /** Place among all workers. */
  readonly index: number;
}

/** Whoever waits for a block gets one: the times of blocks are the same in every run. */
class MiningClock extends VirtualClock {
  readonly #world: World;

  constructor(world: World) {
    super();
    this.#world = world;
  }

  protected override slept(): Promise<void> {
    return this.#world.chain.mineNext();
  }
}

/** Registers everybody who is there from the start, one after another; a block for each transaction. */
export async function registerFirst(
  world: World,
  people: readonly Participant[],
  signal: AbortSignal,
): Promise<void> {
  const clock = new MiningClock(world);
  for (const person of people) await joinAll(world.contracts, [person], clock, signal, () => undefined);
}

/** What a worker's operator does: registers it where it comes later, and starts it. */
export async function operate(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { time, worker, index } = options;
  const clock = time.clockOf({});
  // One after another: what two do at the same moment has no order.
  await clock.sleep(index * 10, signal);
  const { joins } = worker.plan;
  if (joins !== undefined) {
    await clock.sleep((leadSeconds + joins * timetable.period + 5) * 1000, signal);
    await register(options, clock, signal);
  }
  worker.start();
}

/**
 * Registers, stakes and claims the permit, and does again what a reorganisation took back before it was deep enough to count
 * on.
 */
async function register(options: OperatorOptions, clock: Clock, signal: AbortSignal): Promise<void> {
  const { world, time, trace, worker } = options;
  const { name, person } = worker;
  const contracts = world.contractsOn(time);
  const run = signingRun(contracts, person.coldkey, { clock, settings: { pollMs: 8_000 } });
  for (;;) {
    try {
      const isDone = await takeNextStep(run, worker, signal);
      if (isDone) return;
      trace.add(name, "took a step to take part");
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ContractRevert)) throw error;
      trace.add(name, "could not take part yet", { error });
    }
    await clock.sleep(deepSeconds * 1000, signal);
  }
}

/** Does one of the things that are missing; true where nothing is. @throws ContractRevert where the chain changed meanwhile */
async function takeNextStep(
  run: SigningRun,
  { person, role }: SimulatedWorker,
  signal: AbortSignal,
): Promise<boolean> {
  const { hotkey, stake: amount } = person;
  const neuron = await readNeuron(run, hotkey.address, signal).catch((error: unknown) => {
    if (error instanceof WeftError && error.code === "NOT_REGISTERED") return undefined;
    throw error;
  });
  if (neuron === undefined) {
    await registerHotkey(run, { hotkey, maxBurn: parseEther("500") }, signal);
    return false;
  }
  const { neuronId, uid } = neuron;
  const staked = await run.publicClient.readContract({
    address: run.addresses.stakeManager,
    abi: stakeManagerAbi,
    functionName: "poolAssets",
    args: [neuronId],
  });
  if (staked === 0n) {
    await stake(run, neuronId, amount, signal);
    return false;
  }
  if (role === "miner") return true;
  try {
    await claimPermit(run, uid, signal);
    return false;
  } catch (error) {
    if (error instanceof ContractRevert && error.errorName === "AlreadyPermitted") return true;
    throw error;
  }
}
