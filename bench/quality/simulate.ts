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

/** A worker between rounds. `pending` is its own update of the last round, not yet applied (overlap). */
interface Worker {
  state: WorkerState;
  pending: readonly SparseTensor[] | undefined;
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
    (): Worker => ({ state: zeroWorkerState(specs), pending: undefined }),
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
      const start = outer.startOf(theta, worker);
      rounds.push(await trained(trainer, worker, start, batches, round * innerSteps));
      tokens += batches.length * batchSequences * model.sequenceLength;
    }
    const applied = outer.apply(theta, states, rounds);
    theta = applied.theta;
    bytes += applied.bytes;
    const losses = await evaluator.losses({ kind: "evaluate", theta, sequences: heldOut }, never);
    if (losses === undefined) throw new Error("nobody aborts");
    onPoint({ tokens, bytes, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length });
  }

  /** What a round of training leaves of a worker. */
  async function trained(
    by: Trainer,
    worker: Worker,
    start: Tensors,
    batches: readonly Int32Array[],
    firstStep: number,
  ): Promise<Trained> {
    const { first, second, steps: done } = worker.state.moments;
    const copy = (tensors: Tensors) => tensors.map((tensor) => tensor.slice());
    const moments = { first: copy(first), second: copy(second), steps: done };
    const task = { kind: "train", theta: copy(start), moments, firstStep, batches } as const;
    const result = await by.train(task, never, () => {});
    if (result === undefined) throw new Error("nobody aborts");
    worker.state = { ...worker.state, moments: result.moments };
    return { end: result.theta, delta: pseudoGradient(start, result.theta) };
  }
}

interface Trained {
  readonly end: Tensors;
  readonly delta: Tensors;
}

/** What a method does with a round's results. */
interface Outer {
  startOf(theta: Tensors, worker: Worker): Tensors;
  apply(
    theta: Tensors,
    workers: readonly Worker[],
    rounds: readonly Trained[],
  ): { readonly theta: Tensors; readonly bytes: number };
}

function outerOf(method: Method, parameters: number, innerSteps: number): Outer {
  switch (method.kind) {
    case "dataParallel":
      // Each of a round's steps exchanges a whole fp32 gradient.
      return {
        startOf: (theta) => theta,
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
    startOf: (theta) => theta,
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
    startOf(theta, { pending }) {
      // With overlap a worker's own update stands in for the aggregate that is still on its way.
      return method.overlap === 0 || pending === undefined ? theta : outerStep(theta, [pending], settings);
    },
    apply(theta, workers, rounds) {
      const late = workers.map(({ pending }) => pending);
      let sent = 0;
      const updates = rounds.map(({ delta }, index) => {
        const worker = workers[index];
        const before = worker.state.errorFeedback;
        const offered = withErrorFeedback(before, delta, method.errorFeedback);
        const { bytes, tensors } = encodeUpdate(header, specs, offered, { topK: method.topK, chunk: 4096 });
        subtractSent(offered, tensors);
        worker.state = { ...worker.state, errorFeedback: offered };
        worker.pending = tensors;
        sent += bytes.length / rounds.length;
        return tensors;
      });
      const applied = method.overlap === 0 ? updates : late.filter((update) => update !== undefined);
      return { theta: outerStep(theta, applied, settings), bytes: sent };
    },
  };
}
