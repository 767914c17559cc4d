import { VirtualClock } from "../../lab/training/virtualClock.ts";
import { joinAll, type Participant } from "../../scripts/localnet/participants.ts";
import { readNeuron } from "../../workers/chain/actions/readNeuron.ts";
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

/** Registers, and again where a reorganisation took it back before it was deep enough to count on. */
async function register(
  { world, time, trace, worker: { name, person } }: OperatorOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const contracts = world.contractsOn(time);
  for (;;) {
    trace.add(name, "registers");
    await joinAll(contracts, [person], clock, signal, () => undefined);
    await clock.sleep(deepSeconds * 1000, signal);
    try {
      await readNeuron(contracts, person.hotkey.address, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      trace.add(name, "the registration is gone", { error });
    }
  }
}
