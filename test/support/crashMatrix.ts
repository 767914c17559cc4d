import assert from "node:assert/strict";
import { join } from "node:path";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { RegisteredParticipant } from "../../scripts/localnet/participants.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { minerSteps, type Step } from "../../workers/runtime/steps.ts";
import { type LiveRun, liveRun } from "./liveRun.ts";
import { type CrashPoint, Supervised } from "./supervised.ts";

/** Both sides of each step. */
export const around = (...steps: readonly Step[]): CrashPoint[] =>
  steps.flatMap((step) => [{ when: "before", step } as const, { when: "after", step } as const]);

const before = (step: Step): CrashPoint => ({ when: "before", step });
const after = (step: Step): CrashPoint => ({ when: "after", step });

/** Every point of a miner, in an order in which each is reached: what was sent is mined while the miner is dead. */
export const minerPoints: readonly CrashPoint[] = around(...minerSteps);

/** Those of a validator that the first epoch's weights reach. */
export const firstValidatorPoints: readonly CrashPoint[] = [
  ...around("attest sent", "score written", "weights stored"),
  before("commitWeights sent"),
  after("commitWeights confirmed"),
  before("revealWeights sent"),
  after("revealWeights confirmed"),
];

/** Every point of a validator: three epochs' weights reach them. */
export const validatorPoints: readonly CrashPoint[] = [
  ...around("attest sent", "score written", "weights stored", "commitWeights sent", "revealWeights sent"),
  ...around("checkpoint written"),
  before("commitWeights confirmed"),
  before("revealWeights confirmed"),
  after("commitWeights confirmed"),
  after("revealWeights confirmed"),
];

export interface CrashPlan {
  readonly dir: string;
  readonly miner: readonly CrashPoint[];
  readonly validator: readonly CrashPoint[];
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/**
 * A run of two miners and two validators, of which one each dies at every point of the plan, and then that nothing was
 * lost or done twice: every round has one commit and one reveal of each miner and both attestations, every epoch both rows and
 * a settlement, every state one root, and the miner's updates continue each other.
 */
export async function playWithCrashes({ dir, miner, validator, rounds, signal }: CrashPlan): Promise<void> {
  const live = await liveRun({ dir, miners: 2, validators: 2, adversaries: [], signal });
  const of = (role: string) => live.participants.filter((participant) => participant.role === role);
  const [[crashingMiner, otherMiner], [crashingValidator, otherValidator]] = [of("miner"), of("validator")];
  const supervise = (participant: RegisteredParticipant, points: readonly CrashPoint[]) =>
    new Supervised(
      participant.role === "validator" ? "validator" : "miner",
      live.optionsOf(participant),
      points,
    );
  const workers = [
    supervise(crashingMiner, miner),
    supervise(crashingValidator, validator),
    supervise(otherMiner, []),
    supervise(otherValidator, []),
  ];
  const failed = Promise.all(workers.map(({ done }) => done));
  try {
    await Promise.race([failed, play(live, rounds)]);
    await Promise.race([
      failed,
      live.until("the last state everywhere", () => rootsOf(dir, live).get(rounds)?.size === 4),
    ]);
    assert.deepEqual(workers[0].died, miner);
    assert.deepEqual(workers[1].died, validator);
    for (let round = 0; round <= rounds; round++) {
      const roots = rootsOf(dir, live).get(round) ?? new Map();
      assert.equal(new Set(roots.values()).size, 1, `round ${round}: ${JSON.stringify([...roots])}`);
    }
    for (let round = 0; round < rounds; round++)
      assert.ok(
        live.follower.history.rounds.reveal(round, crashingMiner.neuronId) !== undefined,
        `round ${round}`,
      );
    await assertContinuous(live, crashingMiner, rounds, signal);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

function rootsOf(dir: string, live: LiveRun) {
  const observations = new Observations();
  for (const { name } of live.participants)
    observations.add(name, new MetricsTail(join(dir, "workers", name, "metrics.jsonl")).read());
  return observations.roots;
}

/** Jumps from phase to phase once everybody has done what there is to do. */
async function play(live: LiveRun, rounds: number): Promise<void> {
  const { history } = live.follower;
  for (let round = 0; round < rounds; round++) {
    const epoch = Math.floor(round / 3) - 1;
    await live.goTo(round, 1);
    await live.until(`commits of ${round}`, () => history.commits(round).length === 2);
    if (epoch >= 0 && round % 3 === 0)
      await live.until(`weights of ${epoch}`, () => history.settled.weightCommits(epoch).length === 2);
    if (epoch >= 0 && round % 3 === 1)
      await live.until(`rows of ${epoch}`, () => history.weightRows(epoch).length === 2);
    await live.goTo(round, 601);
    await live.until(`reveals of ${round}`, () => history.reveals(round).length === 2);
    await live.goTo(round, 801);
    await live.until(`attestations of ${round}`, () => history.attestations(round).length === 2);
    if (epoch >= 0 && round % 3 === 2)
      await live.until(`settlement of ${epoch}`, () => history.settlements.at(-1)?.epoch === epoch);
  }
  await live.goTo(rounds, 1);
}

/** Each update that was revealed goes on from the worker state that the last one revealed left. */
export async function assertContinuous(
  live: LiveRun,
  { name, neuronId }: RegisteredParticipant,
  rounds: number,
  signal: AbortSignal,
): Promise<void> {
  const reader = new UpdateReader(live.run, systemClock);
  let before: string | undefined;
  for (let round = 0; round < rounds; round++) {
    const reveal = live.follower.history.rounds.reveal(round, neuronId);
    if (reveal === undefined) continue;
    const { header } = await reader.read(reveal, signal);
    if (before !== undefined) assert.equal(header.stateBefore, before, `${name} in round ${round}`);
    before = header.stateAfter;
  }
}
