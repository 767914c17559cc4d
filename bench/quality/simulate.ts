import type { SparseTensor } from "../../workers/codec/sparseTensor.ts";
import { encodeUpdate } from "../../workers/codec/update.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { initialState, uniform } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import type { TrainingSettings } from "../../workers/protocol/manifest.ts";
import { parameterCount, type Tensors } from "../../workers/protocol/tensors.ts";
import { cpuDevice } from "../../workers/training/device.ts";
import { pseudoGradient, subtractSent, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { Evaluator } from "../../workers/training/evaluator.ts";
import { caughtUp, standIn } from "../../workers/training/lateSteps.ts";
import { openTrainer } from "../../workers/training/openTrainer.ts";
import { outerStep } from "../../workers/training/outerStep.ts";
import type { Trainer } from "../../workers/training/trainer.ts";
import { type WorkerState, zeroWorkerState } from "../../workers/training/workerState.ts";
import type { Configuration, Method } from "./configurations.ts";
import { batchOf, type Text } from "./text.ts";

/** Where a run stands after a round. */
export interface Point {
  /** Tokens that all workers together have trained on. */
  readonly tokens: number;
  /** Bytes that one worker has sent. */
  readonly bytes: number;
  /** Held-out loss, nats per byte. */
  readonly loss: number;
}

const HELD_OUT_SEQUENCES = 512;
const EVALUATED_TOGETHER = 32;
const HASH = `0x${"00".repeat(32)}` as const;
const never = () => false;

/** A worker between rounds. */
interface Worker {
  state: WorkerState;
  /** Its last round, while the group's updates of that round travel: the state that it began with, what it sent, where it ended. */
  last: { readonly from: Tensors; readonly sent: readonly SparseTensor[]; readonly end: Tensors } | undefined;
}

/**
 * Runs one configuration from the first token to the last, its workers one after the other, with the engine, the codec
 * and the outer step that nodes run.
 * @param steps inner steps of every worker, the same whatever H is; with more workers than four, in proportion fewer
 */
export async function simulate(
  { method, workers, innerSteps, seed }: Configuration,
  text: Text,
  steps: number,
  onPoint: (point: Point) => void,
): Promise<void> {
  const { model, training: defaults } = defaultRunSettings(1);
  const total = Math.round((steps * 4) / workers);
  const together = method.kind === "dataParallel" ? workers : 1;
  const batchSequences = defaults.batchSequences * together;
  const training: TrainingSettings = { ...defaults, innerSteps, batchSequences, totalSteps: total };
  const trainer = await openTrainer(model, training, 1, cpuDevice);
  const evaluator = await Evaluator.open(model, EVALUATED_TOGETHER, 1, cpuDevice);
  const specs = parameterLayout(model);
  const width = model.sequenceLength + 1;
  const heldOut = Array.from({ length: HELD_OUT_SEQUENCES }, (_, index) =>
    Int32Array.from(text.heldOut.subarray(index * width, (index + 1) * width)),
  );

  const count = together === 1 ? workers : 1;
  const states = Array.from(
    { length: count },
    (): Worker => ({ state: zeroWorkerState(specs), last: undefined }),
  );
  const outer = outerOf(method, parameterCount(specs), innerSteps);
  let theta = initialState(model, seed);
  let [tokens, bytes] = [0, 0];
  for (let round = 0; round * innerSteps < total; round++) {
    const rounds: Trained[] = [];
    for (const [index, worker] of states.entries()) {
      const random = uniform(seed * 1_000_003 + round * 1009 + index * 31);
      const batches = Array.from({ length: innerSteps }, () =>
        batchOf(text.training, batchSequences, width, random),
      );
      rounds.push(await trained(trainer, worker, theta, batches, round * innerSteps));
      tokens += batches.length * batchSequences * model.sequenceLength;
    }
    const applied = outer.apply(theta, states, rounds);
    theta = applied.theta;
    bytes += applied.bytes;
    const losses = await evaluator.losses({ kind: "evaluate", theta, sequences: heldOut }, never);
    if (losses === undefined) throw new Error("nobody aborts");
    onPoint({ tokens, bytes, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length });
  }

  /** What a round of training leaves of a worker: its late steps from what stands in for `theta`, the others from there on. */
  async function trained(
    by: Trainer,
    worker: Worker,
    theta: Tensors,
    batches: readonly Int32Array[],
    firstStep: number,
  ): Promise<Trained> {
    const stoodIn = outer.standIn(worker, firstStep / innerSteps, workers);
    if (stoodIn === undefined) {
      const end = await runSteps(by, worker, theta, batches, firstStep);
      return { end, delta: pseudoGradient(theta, end) };
    }
    const late = Math.ceil(outer.late * innerSteps);
    const moved = await runSteps(by, worker, stoodIn, batches.slice(0, late), firstStep);
    const start = outer.discards ? theta : caughtUp(moved, theta, stoodIn);
    const end =
      late === innerSteps ? start : await runSteps(by, worker, start, batches.slice(late), firstStep + late);
    return { end, delta: pseudoGradient(theta, end) };
  }

  async function runSteps(
    by: Trainer,
    worker: Worker,
    start: Tensors,
    batches: readonly Int32Array[],
    firstStep: number,
  ): Promise<Tensors> {
    const { first, second, steps: done } = worker.state.moments;
    const copy = (tensors: Tensors) => tensors.map((tensor) => tensor.slice());
    const moments = { first: copy(first), second: copy(second), steps: done };
    const task = { kind: "train", theta: copy(start), moments, firstStep, batches } as const;
    const result = await by.train(task, never, () => {});
    if (result === undefined) throw new Error("nobody aborts");
    worker.state = { ...worker.state, moments: result.moments };
    return result.theta;
  }
}

interface Trained {
  readonly end: Tensors;
  readonly delta: Tensors;
}

/** What a method does with a round's results. */
interface Outer {
  /** Share of a round's steps that are made before the others' updates are there. */
  readonly late: number;
  /** What they did is thrown away: only the moments know of them. */
  readonly discards: boolean;
  /** What stands in meanwhile for the state that the round begins with; undefined where the round waits for it. */
  standIn(worker: Worker, round: number, workers: number): Tensors | undefined;
  apply(
    theta: Tensors,
    workers: readonly Worker[],
    rounds: readonly Trained[],
  ): { readonly theta: Tensors; readonly bytes: number };
}

const punctual = { late: 0, discards: false, standIn: () => undefined } as const;

function outerOf(method: Method, parameters: number, innerSteps: number): Outer {
  switch (method.kind) {
    case "dataParallel":
      // Each of a round's steps exchanges a whole fp32 gradient.
      return {
        ...punctual,
        apply: (_, __, [{ end }]) => ({ theta: end, bytes: 4 * parameters * innerSteps }),
      };
    case "diloco":
      return denseOuter(method, parameters);
    case "sparseLoco":
      return sparseOuter(method);
  }
}

/** θ ← θ − rate · (Δ + μ·v), v ← μ·v + Δ. Source: Douillard et al., DiLoCo, algorithm 1. */
function denseOuter({ outerRate, momentum }: Extract<Method, { kind: "diloco" }>, parameters: number): Outer {
  let velocity: Tensors | undefined;
  return {
    ...punctual,
    apply(theta, _, rounds) {
      velocity ??= theta.map((tensor) => new Float32Array(tensor.length));
      for (const [index, tensor] of velocity.entries()) {
        for (let at = 0; at < tensor.length; at++) {
          const mean = rounds.reduce((sum, { delta }) => sum + delta[index][at], 0) / rounds.length;
          tensor[at] = momentum * tensor[at] + mean;
          theta[index][at] -= outerRate * (mean + momentum * tensor[at]);
        }
      }
      return { theta, bytes: 4 * parameters };
    },
  };
}

function sparseOuter(method: Extract<Method, { kind: "sparseLoco" }>): Outer {
  const { model } = defaultRunSettings(1);
  const specs = parameterLayout(model);
  const settings = { learningRate: method.outerRate, averaging: method.averaging };
  const header = {
    manifestHash: HASH,
    round: 0,
    neuronId: 1n,
    parentRoot: HASH,
    stateBefore: HASH,
    stateAfter: HASH,
  };
  return {
    late: method.overlap.late,
    discards: method.overlap.discards ?? false,
    standIn({ last }, round, workers) {
      const { late, estimate, from: first = 0 } = method.overlap;
      if (last === undefined || late === 0 || round < first) return undefined;
      const { from, sent, end } = last;
      const { outerRate: learningRate, averaging } = method;
      switch (estimate) {
        case "nothing":
          return from;
        case "whole":
          return outerStep(from, [sent], settings);
        case "share":
          return standIn(from, sent, { learningRate, averaging, gatherSize: workers });
        case "end":
          return end;
      }
    },
    apply(theta, workers, rounds) {
      let sent = 0;
      const updates = rounds.map(({ delta, end }, index) => {
        const worker = workers[index];
        const before = worker.state.errorFeedback;
        const offered = withErrorFeedback(before, delta, method.errorFeedback);
        const { bytes, tensors } = encodeUpdate(header, specs, offered, { topK: method.topK, chunk: 4096 });
        subtractSent(offered, tensors);
        worker.state = { ...worker.state, errorFeedback: offered };
        worker.last = { from: theta, sent: tensors, end };
        sent += bytes.length / rounds.length;
        return tensors;
      });
      return { theta: outerStep(theta, updates, settings), bytes: sent };
    },
  };
}
