import { join } from "node:path";
import { roundEnd } from "../../workers/protocol/clock.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import type { Children } from "../localnet/children.ts";
import { MetricsTail } from "../localnet/metricsTail.ts";
import type { LocalNetwork } from "../localnet/network.ts";
import { Observations } from "../localnet/observations.ts";
import type { LocalnetOptions } from "../localnet/options.ts";
import { startWorker } from "../localnet/workers.ts";
import { Fleet } from "./fleet.ts";
import type { SoakOptions } from "./options.ts";
import { type Kill, killSchedule } from "./schedule.ts";

export interface SoakPlan {
  readonly network: LocalNetwork;
  readonly children: Children;
  readonly localnet: LocalnetOptions;
  readonly options: SoakOptions;
  readonly clock: Clock;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A soak that is over, its workers still running. */
export interface Soaked {
  readonly fleet: Fleet;
  readonly observations: Observations;
  /** The last state that everybody had time to publish. */
  readonly lastRound: number;
}

const tickMs = 250;
const sampleMs = 5_000;
const progressMs = 60_000;
const mostDownSeconds = 2;
/** Rounds at the end without kills, in which everybody comes back. */
const quietRounds = 3;
/** Rounds that stragglers then get for the last state. */
const patienceRounds = 2;

/** Kills and starts again for as long as asked, then waits until everybody has published the same last state. */
export async function soak(plan: SoakPlan): Promise<Soaked> {
  const { network, children, localnet, options, clock, say, signal } = plan;
  const { participants, workers, follower, contracts } = network;
  const fleet = new Fleet({
    participants,
    running: workers,
    steady: isSteady,
    start: (participant) => startWorker(children, localnet, participant),
    now: () => clock.now(),
  });
  const { kills, endSeconds } = scheduleOf(plan, fleet.names);
  say(`${kills.length} kills planned in ${options.minutes} minutes`);
  const observations = new Observations();
  const tails = fleet.names.map((name) => ({
    name,
    tail: new MetricsTail(join(options.dir, "workers", name, "metrics.jsonl")),
  }));
  const observe = async () => {
    await follower.look(signal);
    for (const { name, tail } of tails) observations.add(name, tail.read());
  };
  const startedAt = clock.now();
  const sampling = every(sampleMs, () => fleet.sample());
  const telling = every(progressMs, async () => {
    await observe();
    say(progress(network, fleet, (clock.now() - startedAt) / 60_000));
  });
  const due = [...kills];
  const tick = async () => {
    const seconds = (clock.now() - startedAt) / 1000;
    while (due.length > 0 && due[0].at <= seconds) await fleet.kill(due.shift() as Kill);
    await fleet.reviveDue();
    await sampling(clock.now());
    await telling(clock.now());
    await clock.sleep(tickMs, signal);
  };
  while (clock.now() - startedAt < endSeconds * 1000) await tick();

  await observe();
  const lastRound = (follower.now()?.round ?? 0) + 1;
  const until = roundEnd(contracts.clock, lastRound + patienceRounds);
  const isComplete = () => observations.roots.get(lastRound)?.size === fleet.names.length;
  while (!isComplete() && follower.syncedTime < until) {
    await tick();
    await observe();
  }
  return { fleet, observations, lastRound };
}

/** The first of each role: never killed, so that there is somebody to compare with, and a majority of the stake attests. */
export function isSteady(name: string): boolean {
  return name.endsWith("-1");
}

function scheduleOf({ network, options }: SoakPlan, names: readonly string[]) {
  const endSeconds = options.minutes * 60;
  const kills = killSchedule({
    seed: options.seed,
    names: names.filter((name) => !isSteady(name)),
    from: network.timing.period,
    until: endSeconds - quietRounds * network.timing.period,
    meanGapSeconds: options.gap,
    mostDownSeconds,
  });
  return { kills, endSeconds };
}

function progress({ follower }: LocalNetwork, fleet: Fleet, minutes: number): string {
  const round = follower.now()?.round ?? 0;
  const settled = follower.history.settlements.length;
  return `${minutes.toFixed(0)} min: round ${round}, ${settled} epochs settled, ${fleet.kills} kills`;
}

/** Does `work` when as many milliseconds have passed since it last did. */
function every(ms: number, work: () => Promise<void>): (now: number) => Promise<void> {
  let next = 0;
  return async (now) => {
    if (now < next) return;
    next = now + ms;
    await work();
  };
}
