import assert from "node:assert/strict";
import { test } from "node:test";
import type { LossFunction } from "../../../workers/evaluation/lossScore.ts";
import { measureUpdates } from "../../../workers/evaluation/roundLosses.ts";
import { largest, quadraticLoss, randomNumbers } from "./quadraticRun.ts";

const signal = new AbortController().signal;
const sequence = (seed: number) => Int32Array.of(seed);
const randomSequences = [1, 2, 3, 4].map(sequence);

function updateOf(miner: number) {
  const random = randomNumbers(miner);
  const dense = Float32Array.from({ length: 512 }, () => -random());
  return {
    neuronId: BigInt(miner),
    tensors: [largest(dense, 16)],
    ownSequences: [10 * miner, 10 * miner + 1].map(sequence),
  };
}

/** Against θ of 512 values; every call of the loss function is noted with the bits it was given. */
async function measured(miners: readonly number[]) {
  const theta = [Float32Array.from({ length: 512 }, randomNumbers(9))];
  const calls: { readonly sequences: number[]; readonly theta: Float32Array }[] = [];
  const losses: LossFunction = (tried, sequences, aborted) => {
    calls.push({ sequences: sequences.map(([seed]) => seed), theta: tried[0].slice() });
    return quadraticLoss(tried, sequences, aborted);
  };
  const against = { theta, randomSequences, caps: Float32Array.of(1), evalStep: 0.5 };
  return { theta, calls, result: await measureUpdates(miners.map(updateOf), against, losses, signal) };
}

test("measureUpdates, several updates: the losses before in one call for all of them, one call after each", async () => {
  const { calls } = await measured([1, 2, 3]);
  assert.deepEqual(
    calls.map(({ sequences }) => sequences),
    [
      [1, 2, 3, 4, 10, 11, 20, 21, 30, 31],
      [1, 2, 3, 4, 10, 11],
      [1, 2, 3, 4, 20, 21],
      [1, 2, 3, 4, 30, 31],
    ],
  );
});

test("measureUpdates, each update: tried at its positions alone, from the bits of θ", async () => {
  const { theta, calls } = await measured([1, 2, 3]);
  assert.deepEqual(calls[0].theta, theta[0]);
  for (const [index, miner] of [1, 2, 3].entries()) {
    const touched = new Set(updateOf(miner).tensors[0].positions);
    for (const [position, value] of calls[index + 1].theta.entries())
      assert.equal(Object.is(value, theta[0][position]), !touched.has(position), `${miner} at ${position}`);
  }
});

test("measureUpdates, an update alone or among others: the same losses, to the bit", async () => {
  const together = (await measured([1, 2, 3])).result;
  for (const miner of [1, 2, 3])
    assert.deepEqual(
      (await measured([miner])).result.get(BigInt(miner)),
      together.get(BigInt(miner)),
      `${miner}`,
    );
});

test("measureUpdates, nothing to measure: no loss is computed", async () => {
  assert.deepEqual((await measured([])).calls, []);
});
