import { heavyTailedTensors, SAMPLE_HEADER, seededRandom } from "../../test/support/pseudoGradients.ts";
import type { SparseTensor } from "../../workers/codec/sparseTensor.ts";
import { encodeUpdate } from "../../workers/codec/update.ts";
import { improvement, negativeUpTo } from "../../workers/evaluation/lossScore.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { initialState, uniform } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import {
  clipFactors,
  lowerMedianNorms,
  type PerTensor,
  tensorNorms,
} from "../../workers/training/clipping.ts";
import { Engine } from "../../workers/training/engine.ts";
import { pseudoGradient, subtractSent, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { outerStep } from "../../workers/training/outerStep.ts";
import { applySparse, revert } from "../../workers/training/trialStep.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";
import { batchOf, readText } from "../quality/text.ts";

/** What a number of sequences lets an evaluation tell apart; shares of all draws. */
export interface Discernment {
  readonly sequences: number;
  /** Honest updates that count as negative on so many random sequences. */
  readonly honestNegative: number;
  /** Updates of random values, at the honest norm, that do not. */
  readonly noisePassed: number;
  /** Mean of B, from −1 to 1, for honest updates on so many own sequences against `randomForOwn` random ones. */
  readonly ownEvidence: number;
}

const miners = 4;
const noises = 2;
/** Losses that are computed once and drawn from: random sequences, and a miner's own. */
const randomPool = 256;
const ownPool = 64;
const draws = 200;
const sizes = [4, 8, 12, 16, 24, 32];
const randomForOwn = 32;
const signal = new AbortController().signal;

/** Losses before and after an update, by sequence. */
interface Measured {
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** By update, honest ones first; own losses of the honest ones alone. */
interface MeasuredRound {
  readonly random: Measured[];
  readonly own: Measured[];
}

/** Plays rounds of the default run with four honest miners, and tries two updates of random values in each as well. */
export async function measureDiscernment(rounds: number): Promise<Discernment[]> {
  const random = seededRandom(99);
  const found = sizes.map((sequences) => ({ sequences, negative: 0, passed: 0, evidence: 0 }));
  let played = 0;
  for await (const round of playedRounds(rounds, random)) {
    played += 1;
    for (const tally of found) {
      for (let turn = 0; turn < draws; turn++) drawOnce(round, tally, turn, random);
    }
  }
  return found.map(({ sequences, negative, passed, evidence }) => ({
    sequences,
    honestNegative: negative / (played * draws * miners),
    noisePassed: passed / (played * draws * noises),
    ownEvidence: evidence / (played * draws),
  }));
}

function drawOnce(
  { random: measured, own }: MeasuredRound,
  tally: { readonly sequences: number; negative: number; passed: number; evidence: number },
  turn: number,
  random: () => number,
): void {
  const chosen = drawn(tally.sequences, randomPool, random);
  const improvements = measured.map((losses) => improvementOn(losses, chosen));
  const limit = negativeUpTo(improvements);
  for (const [index, value] of improvements.entries()) {
    if (index < miners && value <= limit) tally.negative += 1;
    if (index >= miners && value > limit) tally.passed += 1;
  }
  const miner = turn % miners;
  const ownGain = improvementOn(own[miner], drawn(tally.sequences, ownPool, random));
  const randomGain = improvementOn(measured[miner], drawn(randomForOwn, randomPool, random));
  tally.evidence += ownGain > randomGain ? 1 : -1;
}

function drawn(count: number, from: number, random: () => number): number[] {
  return Array.from({ length: count }, () => Math.floor(random() * from));
}

function improvementOn({ before, after }: Measured, chosen: readonly number[]): number {
  const sum = (losses: Float64Array) => chosen.reduce((total, index) => total + losses[index], 0);
  return improvement({ before: sum(before), after: sum(after) });
}

async function* playedRounds(rounds: number, random: () => number): AsyncGenerator<MeasuredRound> {
  const { model, training, compression, outer, scoring } = defaultRunSettings(rounds);
  const specs = parameterLayout(model);
  const width = model.sequenceLength + 1;
  const text = (await readText(undefined)).training;
  const engine = new Engine({ model, training, threads: 1 });
  const encode = (values: Tensors) => encodeUpdate(SAMPLE_HEADER, specs, values, compression).tensors;
  const states = Array.from({ length: miners }, (_, index) => ({
    draw: uniform(index + 1),
    ...zeroWorkerState(specs),
  }));
  let theta = initialState(model, 1);
  for (let round = 0; round < rounds; round++) {
    const updates: (readonly SparseTensor[])[] = [];
    const own: Int32Array[][] = [];
    for (const state of states) {
      const batches = Array.from({ length: training.innerSteps }, () =>
        batchOf(text, training.batchSequences, width, state.draw),
      );
      const firstStep = round * training.innerSteps;
      const task = { theta, moments: state.moments, firstStep, batches, signal };
      const result = await engine.trainInner(task);
      const delta = pseudoGradient(theta, result.theta);
      const offered = withErrorFeedback(state.errorFeedback, delta, compression.errorFeedback);
      const tensors = encode(offered);
      subtractSent(offered, tensors);
      Object.assign(state, { errorFeedback: offered, moments: result.moments });
      updates.push(tensors);
      own.push(ownOf(batches, training.batchSequences, width, random));
    }
    const caps = lowerMedianNorms(updates.map(tensorNorms), theta.length);
    const noise = Array.from({ length: noises }, (_, index) =>
      atNorm(encode(heavyTailedTensors(specs, round * noises + index)), caps),
    );
    const shared = Array.from({ length: randomPool }, () => batchOf(text, 1, width, random));
    const losses = (tried: Tensors, sequences: readonly Int32Array[]) =>
      engine.sequenceLosses(tried, sequences, { signal });
    const scratch = theta.map((tensor) => tensor.slice());
    const before = await losses(scratch, [...shared, ...own.flat()]);
    const measured: MeasuredRound = { random: [], own: [] };
    for (const [index, update] of [...updates, ...noise].entries()) {
      const factors = clipFactors(tensorNorms(update), caps);
      const overwritten = applySparse(scratch, update, factors, scoring.evalStep);
      const after = await losses(scratch, [...shared, ...(own[index] ?? [])]);
      revert(scratch, update, overwritten);
      const ownFrom = randomPool + index * ownPool;
      const pair = (from: number, count: number, at: number) => ({
        before: before.subarray(from, from + count),
        after: after.subarray(at, at + count),
      });
      measured.random.push(pair(0, randomPool, 0));
      if (index < miners) measured.own.push(pair(ownFrom, ownPool, randomPool));
    }
    yield measured;
    theta = outerStep(theta, updates, outer);
  }
  await engine.close();
}

function ownOf(
  batches: readonly Int32Array[],
  rows: number,
  width: number,
  random: () => number,
): Int32Array[] {
  return Array.from({ length: ownPool }, () => {
    const batch = batches[Math.floor(random() * batches.length)];
    const row = Math.floor(random() * rows);
    return batch.slice(row * width, (row + 1) * width);
  });
}

/** Scales each tensor to a norm. */
function atNorm(update: readonly SparseTensor[], norms: PerTensor): SparseTensor[] {
  const own = tensorNorms(update);
  return update.map(({ positions, values }, tensor) => ({
    positions,
    values: values.map((value) => (value * norms[tensor]) / own[tensor]),
  }));
}
