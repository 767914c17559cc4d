import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { decodeFunctionData } from "viem";
import { median } from "../../scripts/localnet/gas.ts";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { RegisteredParticipant } from "../../scripts/localnet/participants.ts";
import { updateLedgerAbi, weightLedgerAbi } from "../../workers/chain/generated/abi.ts";
import { roundStart } from "../../workers/protocol/clock.ts";
import type { NeuronId, Uid } from "../../workers/protocol/quantities.ts";
import { around, assertContinuous, minerPoints } from "./crashMatrix.ts";
import { type LiveRun, liveRun } from "./liveRun.ts";
import { type Due, explainLosses, type Loss } from "./lostRounds.ts";
import { type CrashPoint, Supervised } from "./supervised.ts";

/** Seconds. The phases are as short as whole seconds allow. */
const realTime = { period: 4, commitSeconds: 2, revealSeconds: 3, tempo: 3, genesisDelay: 60 };
/** Epochs after the last death: its rewards are settled then. */
const epochsAfter = 2;
const lookMs = 500;
const progressMs = 60_000;

/**
 * Every point of a validator; what is due in an epoch's first round and what in its second take turns, so that one epoch
 * reaches both.
 */
export const validatorCycle: readonly CrashPoint[] = [
  ...around("attest sent", "score written"),
  ...taking(around("weights stored", "commitWeights sent", "commitWeights confirmed"), [
    ...around("revealWeights sent", "revealWeights confirmed"),
  ]),
  ...around("checkpoint written"),
];

function taking(first: readonly CrashPoint[], second: readonly CrashPoint[]): CrashPoint[] {
  return first.flatMap((point, index) => [point, ...second.slice(index, index + 1)]);
}

export interface RealTimePlan {
  readonly dir: string;
  /** Miners and validators that die; one more of each never does. */
  readonly miners: number;
  readonly validators: number;
  /** How often each point is died at. */
  readonly repeats: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Of what was due by those that die: how often it was there, and why it was not; and of the one that never dies. */
export interface Done {
  readonly there: number;
  readonly died: number;
  readonly notBack: number;
  readonly after: number;
  readonly machine: number;
  readonly steadyLost: number;
  readonly steadyDue: number;
}

/** What a matrix came to. */
export interface RealTimeResult {
  readonly deaths: number;
  readonly seconds: number;
  readonly rounds: number;
  /** Median seconds from a worker's start to where it can work. */
  readonly startSeconds: number;
  readonly updates: Done;
  readonly attestations: Done;
  readonly rows: Done;
  /** Of all epochs whose time is over; whoever settles never dies. */
  readonly settlements: Readonly<{ there: number; missing: number }>;
}

interface Node {
  readonly participant: RegisteredParticipant;
  readonly worker: Supervised;
}

/**
 * Rounds of four seconds in real time, in which workers die at each of their points as often as asked, each after a round
 * that it got through; then that nothing was lost but what a death explains, and nothing done twice.
 */
export async function playInRealTime(plan: RealTimePlan): Promise<RealTimeResult> {
  const { dir, signal, say } = plan;
  const startedAt = Date.now();
  const network = { miners: plan.miners + 1, validators: plan.validators + 1, adversaries: [] };
  const live = await liveRun({ dir, ...network, realTime, signal });
  const of = (role: string) => live.participants.filter((participant) => participant.role === role);
  const supervise = (role: "miner" | "validator", cycle: readonly CrashPoint[], armedBy: string): Node[] =>
    of(role).map((participant, index, all) => {
      const times = index === 0 ? 0 : shareOf(plan.repeats, index - 1, all.length - 1);
      const points = Array.from({ length: times }, () => cycle).flat();
      const worker = new Supervised(role, live.optionsOf(participant), points, `${armedBy} confirmed`);
      return { participant, worker };
    });
  const miners = supervise("miner", minerPoints, "revealUpdate");
  const validators = supervise("validator", validatorCycle, "attest");
  const nodes = [...miners, ...validators];
  const failed = Promise.all(nodes.map(({ worker }) => worker.done));
  try {
    await Promise.race([failed, untilAllDied(live, nodes, say, signal)]);
    const { clock } = live.contracts;
    const rounds = (live.follower.now()?.round ?? 0) + epochsAfter * clock.tempo + 1;
    await Promise.race([failed, untilOver(live, dir, rounds, nodes, signal)]);
    await assertNothingTwice(live);
    const seen = observed(dir, nodes);
    for (let round = 0; round <= rounds; round++) {
      const roots = seen.roots.get(round) ?? new Map();
      assert.equal(new Set(roots.values()).size, 1, `round ${round}: ${JSON.stringify([...roots])}`);
    }
    for (const { participant } of miners) await assertContinuous(live, participant, rounds, signal);
    assertRewarded(live, miners, validators, seen);
    return {
      deaths: nodes.reduce((sum, { worker }) => sum + worker.died.length, 0),
      seconds: (Date.now() - startedAt) / 1000,
      rounds,
      startSeconds: median(nodes.flatMap(({ worker }) => worker.lives.flatMap(startSecondsOf))),
      updates: updatesDue(live, miners, rounds),
      attestations: attestationsDue(live, validators, rounds),
      rows: rowsDue(live, validators, rounds),
      settlements: settlementsDue(live, rounds),
    };
  } finally {
    await Promise.all(nodes.map(({ worker }) => worker.stop()));
  }
}

/** How many of `total` fall to the one at `index` of `count`. */
function shareOf(total: number, index: number, count: number): number {
  return Math.floor((total + count - 1 - index) / count);
}

function startSecondsOf({ startedAt, joinedAt }: Supervised["lives"][number]): number[] {
  return joinedAt === undefined ? [] : [joinedAt - startedAt];
}

async function untilAllDied(
  live: LiveRun,
  nodes: readonly Node[],
  say: RealTimePlan["say"],
  signal: AbortSignal,
): Promise<void> {
  for (let toldAt = 0; !nodes.every(({ worker }) => worker.finished); await pause(lookMs)) {
    await live.follower.look(signal);
    if (Date.now() - toldAt < progressMs) continue;
    toldAt = Date.now();
    const died = nodes.map(({ participant, worker }) => `${participant.name} ${worker.died.length}`);
    say(`round ${live.follower.now()?.round ?? 0}; deaths: ${died.join(", ")}`);
  }
}

/** Until a round has begun and everybody has its state. */
async function untilOver(
  live: LiveRun,
  dir: string,
  round: number,
  nodes: readonly Node[],
  signal: AbortSignal,
): Promise<void> {
  const { clock } = live.contracts;
  const isOver = () => live.follower.syncedTime >= roundStart(clock, round);
  const patience = roundStart(clock, round) + 60;
  while (!isOver() || observed(dir, nodes).roots.get(round)?.size !== nodes.length) {
    assert.ok(live.follower.syncedTime < patience, `somebody has no state of round ${round}`);
    await pause(2 * lookMs);
    await live.follower.look(signal);
  }
}

function observed(dir: string, nodes: readonly Node[]): Observations {
  const observations = new Observations();
  for (const { participant } of nodes) {
    const { name } = participant;
    observations.add(name, new MetricsTail(join(dir, "workers", name, "metrics.jsonl")).read());
  }
  return observations;
}

/** Whatever a key sent for a round or an epoch, also what the contracts refused, had one content. */
async function assertNothingTwice({ contracts }: LiveRun): Promise<void> {
  const { publicClient: client, addresses } = contracts;
  const sent = new Map<string, Set<string>>();
  const ledgers = [
    { address: addresses.updateLedger.toLowerCase(), abi: updateLedgerAbi, name: "commitUpdate" },
    { address: addresses.weightLedger.toLowerCase(), abi: weightLedgerAbi, name: "commitWeights" },
  ] as const;
  const latest = await client.getBlockNumber({ cacheTime: 0 });
  for (let blockNumber = 0n; blockNumber <= latest; blockNumber++) {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const { from, to, input } of transactions) {
      const ledger = ledgers.find(({ address }) => address === to?.toLowerCase());
      if (ledger === undefined) continue;
      const { functionName, args } = decodeFunctionData({ abi: ledger.abi, data: input });
      if (functionName !== ledger.name) continue;
      const key = `${functionName} ${from} ${args[0]}`;
      const content = args.slice(1).join(" ");
      sent.set(key, (sent.get(key) ?? new Set()).add(content));
    }
  }
  assert.ok(sent.size > 0);
  for (const [key, contents] of sent) assert.equal(contents.size, 1, `${key}: ${[...contents].join(", ")}`);
}

/** Everybody was paid, and no update that counted was scored as if it were missing, broken or a copy. */
function assertRewarded(
  { follower }: LiveRun,
  miners: readonly Node[],
  validators: readonly Node[],
  seen: Observations,
): void {
  const { history } = follower;
  for (const { participant } of [...miners, ...validators]) {
    const { incentive, dividend } = history.settled.earnings(participant.neuronId);
    assert.ok((participant.role === "miner" ? incentive : dividend) > 0n, participant.name);
  }
  const evaluations = seen.evaluations.get(validators[0].participant.name) ?? [];
  const harmless = ["negative"];
  for (const { round, scores } of evaluations) {
    for (const { uid, neuronId } of history.eligible(round)) {
      const { penalties = [] } = scores.find((each) => each.uid === uid) ?? {};
      const reasons = penalties.map(({ reason }) => reason).filter((reason) => !harmless.includes(reason));
      assert.deepEqual(reasons, [], `neuron ${neuronId} in round ${round}`);
    }
  }
}

/** Commitments with their reveals, of miners. */
function updatesDue(live: LiveRun, miners: readonly Node[], rounds: number): Done {
  const { history } = live.follower;
  return doneBy(miners, (neuronId) =>
    spansOf(live, rounds, 1, (round) => history.rounds.reveal(round, neuronId) !== undefined),
  );
}

function attestationsDue(live: LiveRun, validators: readonly Node[], rounds: number): Done {
  return doneBy(validators, (_, uid) => attestationSpans(live, uid, rounds));
}

function attestationSpans(live: LiveRun, uid: Uid, rounds: number): Due[] {
  const { history } = live.follower;
  return spansOf(live, rounds, 1, (round) => history.attestations(round).some((each) => each.uid === uid));
}

/** Weights, committed in the first round after an epoch and revealed in the second. */
function rowsDue(live: LiveRun, validators: readonly Node[], rounds: number): Done {
  const { tempo } = live.contracts.clock;
  const has = (epoch: number, neuronId: NeuronId) =>
    live.follower.history.weightRows(epoch).some((row) => row.neuronId === neuronId);
  const spans = (neuronId: NeuronId) =>
    spansOf(live, rounds, 2, (round) => has(round / tempo - 1, neuronId)).filter(
      (_, round) => round % tempo === 0 && round > 0,
    );
  return doneBy(validators, spans, (uid) => attestationSpans(live, uid, rounds));
}

/** Rounds 0 … `rounds` − 1 as spans of that many rounds each. */
function spansOf(
  { contracts }: LiveRun,
  rounds: number,
  length: number,
  there: (round: number) => boolean,
): Due[] {
  const { clock } = contracts;
  return Array.from({ length: rounds }, (_, round) => ({
    from: roundStart(clock, round),
    until: roundStart(clock, round + length),
    there: there(round),
  }));
}

function doneBy(
  nodes: readonly Node[],
  dues: (neuronId: NeuronId, uid: Uid) => Due[],
  proofs?: (uid: Uid) => Due[],
): Done {
  const [steady, ...dying] = nodes.map(({ participant: { neuronId, uid }, worker }) =>
    explainLosses(worker.lives, dues(neuronId, uid), proofs?.(uid)),
  );
  const found = dying.flat();
  const count = (loss: Loss | undefined) => found.filter((each) => each === loss).length;
  return {
    there: count(undefined),
    died: count("died"),
    notBack: count("not back"),
    after: count("after"),
    machine: count("machine"),
    steadyLost: steady.filter((loss) => loss !== undefined).length,
    steadyDue: steady.length,
  };
}

function settlementsDue({ contracts: { clock }, follower }: LiveRun, rounds: number) {
  const due = Math.floor(rounds / clock.tempo) - 1;
  const there = follower.history.settlements.filter(({ epoch }) => epoch < due).length;
  return { there, missing: due - there };
}
