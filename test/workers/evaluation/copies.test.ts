import assert from "node:assert/strict";
import { test } from "node:test";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import { type CommittedUpdate, findCopies } from "../../../workers/evaluation/copies.ts";

/** Ten positions from `start` on, the first `flipped` with the other sign. */
function tensor(start: number, flipped = 0): SparseTensor {
  const positions = Uint32Array.from({ length: 10 }, (_, k) => start + k);
  return { positions, values: Float32Array.from(positions, (_, k) => (k < flipped ? -1 : 1)) };
}

function update(neuronId: bigint, round: number, logIndex: number, tensors: SparseTensor[]): CommittedUpdate {
  return { neuronId, round, blockNumber: BigInt(100 + round), logIndex, tensors };
}

const copiers = (findings: readonly { neuronId: bigint }[]) => findings.map(({ neuronId }) => neuronId);

test("findCopies, overlap on both sides of the threshold: a copy from it on", () => {
  const original = update(1n, 5, 0, [tensor(0)]);
  assert.deepEqual(copiers(findCopies([original, update(2n, 5, 1, [tensor(6)])], [], 0.4)), [2n]);
  assert.deepEqual(copiers(findCopies([original, update(2n, 5, 1, [tensor(7)])], [], 0.4)), []);
});

test("findCopies, the same positions with other signs: no copy", () => {
  const current = [update(1n, 5, 0, [tensor(0)]), update(2n, 5, 1, [tensor(0, 7)])];
  assert.deepEqual(findCopies(current, [], 0.4), []);
});

test("findCopies, two of one round in any order: the later commit is the copy", () => {
  const first = update(9n, 5, 3, [tensor(0)]);
  const second = update(1n, 5, 4, [tensor(0)]);
  const expected = [{ neuronId: 1n, originalRound: 5, originalNeuronId: 9n, overlap: 1 }];
  assert.deepEqual(findCopies([second, first], [], 0.4), expected);
  assert.deepEqual(findCopies([first, second], [], 0.4), expected);
});

test("findCopies, an update of an earlier round sold again: found, though committed first in its round", () => {
  const earlier = [update(1n, 4, 9, [tensor(0)])];
  const current = [update(2n, 5, 0, [tensor(0)]), update(1n, 5, 1, [tensor(40)])];
  assert.deepEqual(copiers(findCopies(current, earlier, 0.4)), [2n]);
});

test("findCopies, close to a copy that was committed first: not accused", () => {
  const earlier = [update(1n, 4, 9, [tensor(0)])];
  const current = [update(2n, 5, 0, [tensor(4)]), update(3n, 5, 1, [tensor(8)])];
  assert.deepEqual(copiers(findCopies(current, earlier, 0.4)), [2n]);
});

test("findCopies, an own earlier update sold again: a copy", () => {
  const earlier = [update(1n, 4, 0, [tensor(0)])];
  assert.deepEqual(copiers(findCopies([update(1n, 5, 0, [tensor(0)])], earlier, 0.4)), [1n]);
  assert.deepEqual(findCopies([update(1n, 5, 0, [tensor(9)])], earlier, 0.4), []);
});

test("findCopies, a tiny earlier update at likely positions: nobody is made its copy", () => {
  const bait = update(1n, 5, 0, [{ positions: Uint32Array.of(0), values: Float32Array.of(1) }]);
  assert.deepEqual(findCopies([bait, update(2n, 5, 1, [tensor(0)])], [], 0.4), []);
});

test("findCopies, a copy with positions dropped: still a copy", () => {
  const part = { positions: Uint32Array.of(0, 1, 2), values: Float32Array.of(1, 1, 1) };
  const current = [update(1n, 5, 0, [tensor(0)]), update(2n, 5, 1, [part])];
  assert.deepEqual(copiers(findCopies(current, [], 0.4)), [2n]);
});
