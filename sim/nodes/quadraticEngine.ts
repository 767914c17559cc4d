import type { WorkerEngine } from "../../workers/cli/surroundings.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import type { Moments } from "../../workers/training/workerState.ts";

/** Share of the way to its target that a step goes. */
const rate = 0.05;
/** Values of θ that a sequence has an own opinion of, and how far off it is. */
const opinions = 48;
const opinion = 0.02;

/**
 * In place of a model: a bowl. The loss of a sequence is the squared distance of θ from a target that is everybody's, and
 * of some values from a target that is the sequence's own, so that training on a sequence helps with that one most. Cheap,
 * and the same bits everywhere.
 */
export const quadraticEngine: WorkerEngine = {
  async trainInner({ theta, moments, batches, signal }) {
    signal.throwIfAborted();
    const trained = theta.map((tensor) => tensor.slice());
    const losses = new Float64Array(batches.length);
    for (const [step, batch] of batches.entries()) {
      losses[step] = commonLoss(trained) + ownLoss(trained, batch);
      descend(trained, batch);
    }
    return { theta: trained, moments: after(moments, batches.length), losses };
  },
  async sequenceLosses(theta, sequences, { signal }) {
    signal.throwIfAborted();
    const common = commonLoss(theta);
    return Float64Array.from(sequences, (sequence) => common + ownLoss(theta, sequence));
  },
  close: async () => undefined,
};

function after({ first, second, steps }: Moments, taken: number): Moments {
  return { first, second, steps: steps + taken };
}

/** Everybody's target: a wave. */
function target(tensor: number, index: number): number {
  return (((index * 31 + tensor * 17) % 64) - 32) / 256;
}

function commonLoss(theta: Tensors): number {
  let sum = 0;
  let count = 0;
  for (const [tensor, values] of theta.entries()) {
    for (let index = 0; index < values.length; index++) sum += (values[index] - target(tensor, index)) ** 2;
    count += values.length;
  }
  return 1 + (100 * sum) / count;
}

function ownLoss(theta: Tensors, tokens: Int32Array): number {
  let sum = 0;
  for (const { tensor, index, aim } of opinionsOf(theta, tokens)) sum += (theta[tensor][index] - aim) ** 2;
  return (20 * sum) / opinions;
}

/** A step towards both targets, in place. */
function descend(theta: Tensors, tokens: Int32Array): void {
  for (const [tensor, values] of theta.entries())
    for (let index = 0; index < values.length; index++)
      values[index] -= rate * (values[index] - target(tensor, index));
  for (const { tensor, index, aim } of opinionsOf(theta, tokens))
    theta[tensor][index] -= 2 * rate * (theta[tensor][index] - aim);
}

function* opinionsOf(theta: Tensors, tokens: Int32Array) {
  let state = 2_166_136_261;
  for (const token of tokens) state = Math.imul(state ^ token, 16_777_619) >>> 0;
  for (let count = 0; count < opinions; count++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const tensor = state % theta.length;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const index = (state >>> 8) % theta[tensor].length;
    yield { tensor, index, aim: target(tensor, index) + ((state & 1) === 0 ? opinion : -opinion) };
  }
}
