import { drawsOf } from "../lab/random.ts";
import { blockSeconds, calmRounds, type Plan, timetable, type Window } from "./plan.ts";
import type { Trace } from "./trace.ts";
import type { SimulatedTime } from "./world/simulatedTime.ts";
import type { World } from "./world/world.ts";

export interface ProducerOptions {
  readonly world: World;
  readonly time: SimulatedTime;
  readonly plan: Plan;
  readonly trace: Trace;
  /** Is told when the chain was replaced or stood still for long, seconds since genesis. */
  readonly disturbed: Window[];
  readonly everyBlock: () => void;
}

export interface Producer {
  /** Reorganisations so far, by the blocks that each replaced. */
  readonly reorganisations: number[];
  /** Ends with the signal, or with what went wrong. */
  readonly ended: Promise<void>;
}

/** Share of blocks that come late, and how many usual intervals late at most. */
const lateShare = 0.01;
const latestIntervals = 2;
/** Seconds between two blocks that no phase was made for. */
const longGap = 12;

/** Mines the blocks of a simulation, and reorganises the chain as planned. */
export function runProducer(options: ProducerOptions, signal: AbortSignal): Producer {
  const { world, time, plan, trace, disturbed, everyBlock } = options;
  const { chain, genesis } = world;
  const { uniform } = drawsOf(`sim/${plan.seed}/intervals`);
  const clock = time.clockOf({});
  const reorganisations: number[] = [];
  let forkedAt = 0;
  const pending = [...plan.reorganisations];
  let blocksLeft: number | undefined;

  const calmFrom = genesis + (plan.rounds - calmRounds) * timetable.period;
  const interval = () => {
    const usual = blockSeconds + Math.round((uniform() - 0.5) * 4);
    return uniform() < lateShare && time.unix < calmFrom
      ? Math.ceil(usual * (1 + uniform() * latestIntervals))
      : usual;
  };
  const produce = async () => {
    let next = Math.floor(time.unix) + blockSeconds;
    for (;;) {
      await clock.sleep((next - time.unix) * 1000, signal);
      const at = next;
      next = at + interval();
      if (next - at > longGap) disturbed.push({ from: at - genesis, until: next - genesis });
      await time.track(produceBlock(at, next));
      everyBlock();
    }
  };
  const produceBlock = async (at: number, following: number) => {
    if (blocksLeft === 0) {
      const [{ kept }] = pending.splice(0, 1);
      blocksLeft = undefined;
      const depth = await chain.reorganise(at, 1, kept);
      reorganisations.push(depth);
      disturbed.push({ from: forkedAt - genesis, until: at - genesis });
      trace.add("chain", "reorganised", { depth, kept, height: chain.height });
      return;
    }
    await chain.mine(at, following);
    if (blocksLeft !== undefined) blocksLeft -= 1;
    else if (pending.length > 0 && at - genesis >= pending[0].at) {
      blocksLeft = pending[0].depth;
      forkedAt = at;
      await chain.fork();
    }
  };
  return { reorganisations, ended: produce() };
}
