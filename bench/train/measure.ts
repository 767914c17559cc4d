import { Tensor } from "onnxruntime-node";
import { parameterLayout } from "../../workers/model/layout.ts";
import { Graph } from "../../workers/onnx/graph.ts";
import * as kernel from "../../workers/onnx/kernels.ts";
import { profileOf } from "../../workers/onnx/profiles.ts";
import { openSession } from "../../workers/onnx/session.ts";
import { parameterCount } from "../../workers/protocol/tensors.ts";
import type { Device } from "../../workers/training/device.ts";
import { Evaluator } from "../../workers/training/evaluator.ts";
import { openTrainer } from "../../workers/training/openTrainer.ts";
import { batchesOf, freshTask, INNER_STEPS, middle, patternedState } from "./inputs.ts";
import { type TimedModel, trainingOf } from "./models.ts";
import { measureRound, type RoundFigures } from "./round.ts";

/** Side of the square matrices whose product is taken for the machine's peak. */
const PEAK_SIDES = [512, 1024, 2048];
const PEAK_RUNS = 6;
const PEAK_PRODUCTS = 4;
const FORWARD_RUNS = 8;

/** Figures of one model on one device. Shares are ratios of figures of the same run. */
export interface ModelFigures extends Partial<RoundFigures> {
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
  readonly residentMB: number;
}

export interface MeasureOptions {
  readonly device: Device;
  readonly threads: number;
  readonly steps: number;
  /** How often a round is measured; not at all when 0. */
  readonly repeats: number;
  /** As `RoundOptions`. */
  readonly processorTime: boolean;
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
  const { device, threads, repeats } = options;
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
  return repeats === 0 ? figures : { ...figures, ...(await measureRound(timed, options)) };
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
