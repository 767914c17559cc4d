import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import type { CommittedUpdate } from "../../../workers/evaluation/copies.ts";
import type { LossFunction } from "../../../workers/evaluation/lossScore.ts";
import type { NeuronState } from "../../../workers/evaluation/neuronState.ts";
import { evaluateRound } from "../../../workers/evaluation/roundEvaluation.ts";
import type { RoundCommit, RoundInputs, RoundOutcome } from "../../../workers/evaluation/roundInputs.ts";
import { scoresByUid } from "../../../workers/evaluation/scores.ts";
import { weightsFor } from "../../../workers/evaluation/weightsFor.ts";
import type { ScoringSettings } from "../../../workers/protocol/manifest.ts";
import type { Tensors } from "../../../workers/protocol/tensors.ts";
import { outerStep } from "../../../workers/training/outerStep.ts";

export const settings: ScoringSettings = {
  sampleSize: 8,
  newcomerSeats: 1,
  newcomerEpochs: 2,
  evalStep: 0.5,
  ownSequences: 4,
  randomSequences: 4,
  overlapThreshold: 0.4,
  overlapRounds: 3,
  computationDecay: 0.95,
  rating: { mu: 25, sigma: 25 / 3, beta: 7, tau: 0.1 },
  ratingShift: 25,
  gatherShare: 0.75,
  lossTolerance: 1e-6,
};

const size = 4096;
const topK = 128;
export const zeroRoot = `0x${"00".repeat(32)}` as const;

/** Seeded uniform numbers in [0, 1) (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The `topK` largest values by magnitude of a dense tensor. */
export function largest(dense: Float32Array, count = topK): SparseTensor {
  const order = [...dense.keys()].sort((a, b) => Math.abs(dense[b]) - Math.abs(dense[a]) || a - b);
  const positions = Uint32Array.from(order.slice(0, count)).sort();
  return { positions, values: Float32Array.from(positions, (position) => dense[position]) };
}

/**
 * Loss of a sequence: 1.5 + mean over the parameters of (θ − target)² plus a slope of the sequence's own, small beside it. A
 * sequence is `[seed]`.
 */
export const quadraticLoss: LossFunction = async (theta, sequences) =>
  Float64Array.from(sequences, ([seed]) => {
    const slope = randomNumbers(seed);
    let loss = 0;
    for (const value of theta[0]) loss += (value - 1) ** 2 + (slope() - 0.5) * 0.05 * value;
    return 1.5 + loss / theta[0].length;
  });

export type Behaviour = "honest" | "copycat" | "noise" | "absent";

/** A miner of the simulation and the round it joins in. */
export interface SimulatedMiner {
  readonly neuronId: bigint;
  readonly uid: number;
  readonly behaviour: Behaviour;
  readonly from?: number;
}

export interface SimulatedRound extends RoundOutcome {
  readonly scores: number[];
  readonly weights: number[];
}

/**
 * Rounds of a small run: honest miners send the largest values of a noisy gradient, `copycat` another miner's update of
 * the round before, `noise` random values of the honest norm; all are gathered.
 */
export async function simulate(
  miners: readonly SimulatedMiner[],
  rounds: number,
  seed: number,
  gatherSize = 6,
): Promise<SimulatedRound[]> {
  const random = randomNumbers(seed);
  let theta: Tensors = [Float32Array.from({ length: size }, () => random() - 0.5)];
  let states: ReadonlyMap<bigint, NeuronState> = new Map();
  let earlier: CommittedUpdate[] = [];
  const columns = Math.max(...miners.map(({ uid }) => uid)) + 1;
  const results: SimulatedRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const active = miners.filter(({ from }) => (from ?? 0) <= round);
    const made = active.flatMap((miner) => produce(miner, round, theta[0], earlier, random));
    const inputs = roundInputs({ round, theta, active, commits: made, earlier, states, seed });
    const outcome = await evaluateRound(inputs, settings, quadraticLoss, new AbortController().signal);
    states = outcome.states;
    earlier = [...earlier, ...outcome.originals].filter(
      (update) => update.round > round - settings.overlapRounds,
    );
    const scores = scoresByUid(states, inputs.neurons, columns, settings);
    const weights = weightsFor(scores, { gatherSize, gatherShare: settings.gatherShare });
    results.push({ ...outcome, scores, weights });
    const gathered = made.map(({ update }) => update?.tensors ?? []);
    theta = outerStep(theta, gathered, { learningRate: 1, averaging: "gathered" });
  }
  return results;
}

interface RoundParts {
  readonly round: number;
  readonly theta: Tensors;
  readonly active: readonly SimulatedMiner[];
  readonly commits: readonly RoundCommit[];
  readonly earlier: readonly CommittedUpdate[];
  readonly states: ReadonlyMap<bigint, NeuronState>;
  readonly seed: number;
}

export function roundInputs({ round, active, commits, seed, ...rest }: RoundParts): RoundInputs {
  const set = (key: number, count: number) =>
    Array.from({ length: count }, (_, k) => Int32Array.of(seed * 7919 + key * 104_729 + round * 101 + k));
  return {
    ...rest,
    round,
    commits,
    epoch: Math.floor(round / 3),
    parentRoot: zeroRoot,
    neurons: new Map(active.map(({ neuronId, uid }) => [neuronId, uid])),
    gathered: commits.map(({ uid }) => uid),
    sampled: commits.map(({ uid }) => uid),
    zeroStateRoot: zeroRoot,
    randomSequences: set(0, settings.randomSequences),
    unread: [],
    ownSequences: async (neuronId) => set(Number(neuronId), settings.ownSequences),
  };
}

function produce(
  { neuronId, uid, behaviour }: SimulatedMiner,
  round: number,
  theta: Float32Array,
  earlier: readonly CommittedUpdate[],
  random: () => number,
): RoundCommit[] {
  const tensors = updateOf(behaviour, round, theta, earlier, random);
  if (tensors === undefined) return [];
  const update = { tensors, stateBefore: zeroRoot, stateAfter: zeroRoot };
  const logIndex = Math.floor(random() * 1e6);
  return [{ uid, neuronId, blockNumber: BigInt(round), logIndex, status: "eligible", update }];
}

function updateOf(
  behaviour: Behaviour,
  round: number,
  theta: Float32Array,
  earlier: readonly CommittedUpdate[],
  random: () => number,
): readonly SparseTensor[] | undefined {
  if (behaviour === "absent") return undefined;
  if (behaviour === "copycat") return earlier.find((update) => update.round === round - 1)?.tensors;
  const gradient = theta.map((value) => 0.4 * (value - 1) + 0.4 * (random() - 0.5));
  if (behaviour === "honest") return [largest(gradient)];
  const noise = theta.map(() => 0.6 * Math.sign(random() - 0.5) + 0.02 * random());
  return [largest(noise)];
}
