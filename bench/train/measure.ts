import { Tensor } from "onnxruntime-node";
import { parameterLayout } from "../../workers/model/layout.ts";
import { composeUpdate } from "../../workers/node/composeUpdate.ts";
import { Graph } from "../../workers/onnx/graph.ts";
import * as kernel from "../../workers/onnx/kernels.ts";
import { profileOf } from "../../workers/onnx/profiles.ts";
import { openSession } from "../../workers/onnx/session.ts";
import type { ModelSettings } from "../../workers/protocol/manifest.ts";
import { parameterCount, sizeOf, type Tensors } from "../../workers/protocol/tensors.ts";
import type { Device } from "../../workers/training/device.ts";
import { Engine } from "../../workers/training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { Evaluator } from "../../workers/training/evaluator.ts";
import { openTrainer } from "../../workers/training/openTrainer.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";
import { type TimedModel, trainingOf } from "./models.ts";

/** H of the default run: a round's overhead is set against so many steps. */
const INNER_STEPS = 30;
/** Side of the square matrices whose product is taken for the machine's peak. */
const PEAK_SIDES = [512, 1024, 2048];
const PEAK_RUNS = 6;
const PEAK_PRODUCTS = 4;
const FORWARD_RUNS = 8;

/** Figures of one model on one device. Shares are ratios of figures of the same run. */
export interface ModelFigures {
  readonly name: string;
  readonly parameters: number;
  readonly tokensPerStep: number;
  readonly peakGflops: number;
  /** Milliseconds, the best and the middle one. */
  readonly bestStepMs: number;
  readonly medianStepMs: number;
  readonly tokensPerSecond: number;
  /** 6 · parameters · tokens of the best step against the best product. */
  readonly stepShareOfPeak: number;
  readonly forwardShareOfStep: number;
  /** H steps through the engine against H times the middle step. */
  readonly phaseShareOfSteps?: number;
  /** Everything of a round that is not its H steps and can be done without a network, against the H steps. */
  readonly roundOverheadShare?: number;
  readonly residentMB: number;
}

export interface MeasureOptions {
  readonly device: Device;
  readonly threads: number;
  readonly steps: number;
  /** Also the engine's thread and a round's overhead. */
  readonly whole: boolean;
}

const never = () => false;

/** Best rate over sizes, floating-point operations a second, of products chained in one graph. */
export async function peakRate(device: Device, threads: number): Promise<number> {
  let best = 0;
  for (const side of device.provider === "cpu" ? PEAK_SIDES : [4096, 8192]) {
    const graph = new Graph("peak", profileOf(device.provider, device));
    const weight = graph.input("weight", [side, side]);
    let value = weight;
    for (let index = 0; index < PEAK_PRODUCTS; index++) {
      value = kernel.matrixProduct(graph, value, weight, false, false);
    }
    graph.output(kernel.sumRows(graph, value), "sums");
    const session = await openSession(graph, { threads });
    const values = Float32Array.from({ length: side * side }, (_, index) => Math.sin(index) / side);
    const feeds = { weight: new Tensor("float32", values, [side, side]) };
    for (let run = 0; run < PEAK_RUNS; run++) {
      const start = performance.now();
      await session.run(feeds);
      const seconds = (performance.now() - start) / 1000;
      if (run > 0) best = Math.max(best, (2 * side ** 3 * PEAK_PRODUCTS) / seconds);
    }
    await session.release();
  }
  return best;
}

export async function measureModel(timed: TimedModel, options: MeasureOptions): Promise<ModelFigures> {
  const { device, threads, steps, whole } = options;
  const { name, model, batchSequences } = timed;
  const parameters = parameterCount(parameterLayout(model));
  const tokensPerStep = batchSequences * model.sequenceLength;
  const stepMs = await timeSteps(timed, options);
  const [bestStepMs, medianStepMs] = [Math.min(...stepMs), middle(stepMs)];
  const forwardMs = await timeForward(timed, device, threads);
  const peak = await peakRate(device, threads);
  const figures = {
    name,
    parameters,
    tokensPerStep,
    peakGflops: peak / 1e9,
    bestStepMs,
    medianStepMs,
    tokensPerSecond: tokensPerStep / (bestStepMs / 1000),
    stepShareOfPeak: (6 * parameters * tokensPerStep) / (bestStepMs / 1000) / peak,
    forwardShareOfStep: forwardMs / bestStepMs,
    residentMB: process.memoryUsage().rss / 1e6,
  };
  if (!whole) return figures;
  const phaseMs = await timePhase(timed, device, threads, Math.min(steps, INNER_STEPS));
  return {
    ...figures,
    phaseShareOfSteps: phaseMs / (medianStepMs * Math.min(steps, INNER_STEPS)),
    roundOverheadShare: timeOverhead(model) / (INNER_STEPS * medianStepMs),
  };
}

/** Milliseconds of each step, the first ones left out: buffers are made and shaders compiled there. */
async function timeSteps(timed: TimedModel, { device, threads, steps }: MeasureOptions): Promise<number[]> {
  const { model, batchSequences } = timed;
  const training = trainingOf(batchSequences, INNER_STEPS);
  const trainer = await openTrainer(model, training, threads, device);
  // The Loop reports its steps together: every run as long as a whole one, and time is shared out among them.
  const perRun = device.provider === "cuda" ? 15 : 1;
  const [warmUp, timedSteps] = [perRun === 1 ? 3 : perRun, Math.ceil(steps / perRun) * perRun];
  const ends: number[] = [];
  const count = warmUp + timedSteps;
  await trainer.train({ ...freshTask(model), batches: batchesOf(timed, count) }, never, () => {
    ends.push(performance.now());
  });
  const milliseconds: number[] = [];
  for (let at = warmUp; at < count; at += perRun) {
    milliseconds.push((ends[at] - ends[at - perRun]) / perRun);
  }
  return milliseconds;
}

async function timeForward(timed: TimedModel, device: Device, threads: number): Promise<number> {
  const { model, batchSequences } = timed;
  const evaluator = await Evaluator.open(model, batchSequences, threads, device);
  const together = batchSequences * (device.provider === "cuda" ? 8 : 1);
  const width = model.sequenceLength + 1;
  const sequences = Array.from({ length: together }, (_, row) =>
    Int32Array.from({ length: width }, (_, at) => (at * 7 + row) % model.vocab),
  );
  const theta = patternedState(model, 1);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < FORWARD_RUNS; run++) {
    const start = performance.now();
    await evaluator.losses({ kind: "evaluate", theta, sequences }, never);
    best = Math.min(best, performance.now() - start);
  }
  return (best * batchSequences) / together;
}

async function timePhase(timed: TimedModel, device: Device, threads: number, steps: number): Promise<number> {
  const { model, batchSequences } = timed;
  const engine = new Engine({ model, training: trainingOf(batchSequences, steps), threads, device });
  const { signal } = new AbortController();
  try {
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 2; run++) {
      const { theta, moments } = freshTask(model);
      const batches = batchesOf(timed, steps);
      const start = performance.now();
      await engine.trainInner({ theta, moments, firstStep: 0, batches, signal });
      best = Math.min(best, performance.now() - start);
    }
    return best;
  } finally {
    await engine.close();
  }
}

/** Δ, error feedback, selection, coding and the hashes of the worker state, with the miner's own code. */
function timeOverhead(model: ModelSettings): number {
  const specs = parameterLayout(model);
  const [start, end] = [patternedState(model, 1), patternedState(model, 2)];
  const before = zeroWorkerState(specs);
  const hash = `0x${"00".repeat(32)}` as const;
  const run = {
    specs,
    manifestHash: hash,
    manifest: { compression: { chunk: 4096, topK: 64, errorFeedback: 0.95 } },
  };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const begin = performance.now();
    const delta = pseudoGradient(start, end);
    const values = withErrorFeedback(before.errorFeedback, delta, 0.95);
    composeUpdate(run, 1n, { round, root: hash }, before, { values, moments: before.moments });
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

/** Values of the size of a fresh model's, made in a moment: drawing a thousand million normal numbers takes a minute. */
function patternedState(model: ModelSettings, seed: number): Tensors {
  const pattern = Float32Array.from(
    { length: 8191 },
    (_, index) => 0.03 * Math.sin((index + 1) * seed * 1.618),
  );
  return parameterLayout(model).map((spec) => {
    const values = new Float32Array(sizeOf(spec));
    if (spec.role === "norm") return values.fill(1);
    values.set(pattern.subarray(0, values.length));
    for (let filled = pattern.length; filled < values.length; filled *= 2) {
      values.copyWithin(filled, 0, Math.min(filled, values.length - filled));
    }
    return values;
  });
}

function freshTask(model: ModelSettings) {
  const { moments } = zeroWorkerState(parameterLayout(model));
  return { kind: "train", theta: patternedState(model, 1), moments, firstStep: 0 } as const;
}

function batchesOf({ model, batchSequences }: TimedModel, count: number): Int32Array[] {
  const size = batchSequences * (model.sequenceLength + 1);
  return Array.from({ length: count }, (_, step) =>
    Int32Array.from(
      { length: size },
      (_, index) => (index * 7 + step * 3 + ((index * index) % 13)) % model.vocab,
    ),
  );
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
