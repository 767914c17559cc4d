import { join } from "node:path";
import { phaseAt, roundStart } from "../../workers/protocol/clock.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { type Child, childFailure } from "./children.ts";
import { MetricsTail } from "./metricsTail.ts";
import type { LocalNetwork } from "./network.ts";
import { Observations } from "./observations.ts";
import { type Standing, standings } from "./standings.ts";
import type { NetworkView } from "./view.ts";

export interface WatchOptions {
  readonly network: LocalNetwork;
  readonly dir: string;
  readonly rounds: number;
  readonly clock: Clock;
  readonly show: (view: NetworkView) => void;
  readonly signal: AbortSignal;
}

export interface Watched {
  readonly observations: Observations;
  readonly standings: readonly Standing[];
  /** Milliseconds of the injected clock at which the first settlement was seen. */
  readonly firstRewardAt: number | undefined;
}

const refreshMs = 1_000;
/** Rounds that stragglers get after the last one to compute its state. */
const patienceRounds = 1.5;

/**
 * Shows the network until its last round is over and every worker has published the state after it.
 * @throws FatalError `PROCESS_ENDED` when a process ends before that
 */
export async function watch(options: WatchOptions): Promise<Watched> {
  const { network, dir, clock, show, signal } = options;
  const { follower, contracts, participants, workers, chain } = network;
  const observations = new Observations();
  const tails = [...workers.keys()].map((name) => ({
    name,
    tail: new MetricsTail(join(dir, "workers", name, "metrics.jsonl")),
  }));
  let firstRewardAt: number | undefined;
  let now: readonly Standing[] = [];
  for (;;) {
    await follower.sync(signal);
    for (const { name, tail } of tails) observations.add(name, tail.read());
    await requireRunning([...workers.values(), chain]);
    if (follower.history.settlements.length > 0) firstRewardAt ??= clock.now();
    now = await standings(contracts, follower.history, participants, observations);
    show(viewOf(options, observations, now));
    if (isFinished(options, observations)) return { observations, standings: now, firstRewardAt };
    await clock.sleep(refreshMs, signal);
  }
}

async function requireRunning(children: readonly Child[]): Promise<void> {
  const ended = children.find((child) => !child.running());
  if (ended !== undefined) throw childFailure(ended, await ended.exited);
}

/** The state after the last round is known to all, with its loss, or they had time enough. */
function isFinished({ network, rounds }: WatchOptions, observations: Observations): boolean {
  const { follower, contracts, workers } = network;
  const end = roundStart(contracts.clock, rounds);
  const time = follower.now()?.time ?? 0;
  if (time < end) return false;
  const complete =
    observations.roots.get(rounds)?.size === workers.size && observations.heldOutLoss.has(rounds);
  return complete || time >= end + patienceRounds * contracts.clock.period;
}

function viewOf(
  { network, rounds }: WatchOptions,
  observations: Observations,
  now: readonly Standing[],
): NetworkView {
  const { follower, contracts } = network;
  const moment = follower.now();
  const round = moment?.round ?? 0;
  const progress =
    moment === undefined ? 0 : (moment.time - roundStart(contracts.clock, round)) / contracts.clock.period;
  const losses = [...observations.heldOutLoss].sort(([a], [b]) => a - b).map(([, loss]) => loss);
  return {
    round: Math.min(round, rounds),
    rounds,
    phase: phaseWord(network, rounds),
    roundProgress: round >= rounds ? 0 : progress,
    validationLoss: losses,
    settledEpochs: follower.history.settlements.length,
    participants: now.map(({ participant, stake, score, share, earned }) => ({
      uid: participant.role === "delegator" ? undefined : participant.uid,
      name:
        participant.behaviour === "honest"
          ? participant.name
          : `${participant.name} (${participant.behaviour})`,
      role: participant.role,
      stake,
      score,
      share,
      earned,
    })),
  };
}

function phaseWord({ follower, contracts }: LocalNetwork, rounds: number): string {
  const moment = follower.now();
  if (moment === undefined) return "waiting for genesis";
  if (moment.round >= rounds) return "finishing";
  return phaseAt(contracts.clock, moment.time);
}
