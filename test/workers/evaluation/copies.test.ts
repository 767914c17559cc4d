import assert from "node:assert/strict";
import { test } from "node:test";
import { overlap } from "../../../workers/codec/overlap.ts";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import { type CommittedUpdate, findCopies } from "../../../workers/evaluation/copies.ts";
import { randomNumbers } from "./quadraticRun.ts";

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
  const earlier = [update(1n, 4, 0, [tensor(0)])];
  assert.deepEqual(copiers(findCopies([update(2n, 5, 1, [tensor(6)])], earlier, 0.4)), [2n]);
  assert.deepEqual(copiers(findCopies([update(2n, 5, 1, [tensor(7)])], earlier, 0.4)), []);
});

test("findCopies, one alike pair among updates that differ: the threshold holds within a round", () => {
  const others = [update(3n, 5, 2, [tensor(40)]), update(4n, 5, 3, [tensor(60)])];
  const pair = (start: number) => [update(1n, 5, 0, [tensor(0)]), update(2n, 5, 1, [tensor(start)])];
  assert.deepEqual(copiers(findCopies([...pair(6), ...others], [], 0.4)), [2n]);
  assert.deepEqual(copiers(findCopies([...pair(7), ...others], [], 0.4)), []);
});

test("findCopies, a round in which all are alike: only what is far more alike", () => {
  const alike = [0, 5, 10, 15].map((start, index) => {
    const common = [...Array(6).keys()];
    const positions = Uint32Array.from([...common, ...[0, 1, 2, 3].map((k) => 100 + start + k)]);
    return update(BigInt(index + 1), 0, index, [{ positions, values: new Float32Array(10).fill(1) }]);
  });
  assert.deepEqual(findCopies(alike, [], 0.4), []);
  assert.deepEqual(copiers(findCopies([...alike, { ...alike[1], neuronId: 9n, logIndex: 9 }], [], 0.4)), [
    9n,
  ]);
});

test("findCopies, two strangers among four who are all alike: the strangers do not make the others copies", () => {
  const alike = [0, 5, 10, 15].map((start, index) => {
    const common = [...Array(5).keys()];
    const positions = Uint32Array.from([...common, ...[0, 1, 2, 3, 4].map((k) => 100 + start + k)]);
    return update(BigInt(index + 1), 0, index, [{ positions, values: new Float32Array(10).fill(1) }]);
  });
  const strangers = [update(5n, 0, 5, [tensor(300)]), update(6n, 0, 6, [tensor(400)])];
  assert.deepEqual(findCopies([...strangers, ...alike], [], 0.4), []);
  const sold = { ...alike[1], neuronId: 9n, logIndex: 9 };
  assert.deepEqual(copiers(findCopies([...strangers, ...alike, sold], [], 0.4)), [9n]);
});

test("findCopies, two of three alike: the pair does not raise the bound for itself", () => {
  const current = [
    update(1n, 5, 0, [tensor(0)]),
    update(2n, 5, 1, [tensor(4)]),
    update(3n, 5, 2, [tensor(40)]),
  ];
  assert.deepEqual(copiers(findCopies(current, [], 0.4)), [2n]);
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

test("findCopies, near-copies: noise on values, dropped and exchanged positions, until six in ten are another's", () => {
  const size = 1000;
  const sold = (change: (k: number) => { at: number; value: number } | undefined) => {
    const kept = Array.from({ length: size }, (_, k) => change(k)).filter((entry) => entry !== undefined);
    const positions = Uint32Array.from(kept, ({ at }) => at);
    return update(2n, 5, 1, [{ positions, values: Float32Array.from(kept, ({ value }) => value) }]);
  };
  const original = update(1n, 4, 0, [sold((k) => ({ at: k, value: 1 })).tensors[0]]);
  const found = (near: CommittedUpdate) => findCopies([near], [original], 0.4).map(({ overlap }) => overlap);
  const noise = sold((k) => ({ at: k, value: 1 + 0.9 * Math.sin(k) }));
  assert.deepEqual(found(noise), [1], "only signs count");
  assert.deepEqual(
    found(sold((k) => (k % 10 === 0 ? { at: k, value: 1 } : undefined))),
    [1],
    "nine in ten dropped",
  );
  const exchanged = (share: number) =>
    sold((k) => (k < size * share ? { at: k, value: 1 } : { at: k + size, value: 1 }));
  assert.deepEqual(found(exchanged(0.9)), [0.9]);
  assert.deepEqual(found(exchanged(0.4)), [0.4]);
  assert.deepEqual(found(exchanged(0.399)), [], "from here on it is another update");
  const flipped = (share: number) => sold((k) => ({ at: k, value: k < size * share ? 1 : -1 }));
  assert.deepEqual(found(flipped(0.4)), [0.4]);
  assert.deepEqual(found(flipped(0.399)), []);
});

test("findCopies, updates of several tensors: the overlap that a comparison of each pair gives", () => {
  const random = randomNumbers(11);
  const made = (neuronId: bigint, round: number) => {
    const tensors = [300, 1, 40].map((size) => {
      const positions = Uint32Array.from([...Array(size).keys()].filter(() => random() < 0.6));
      return { positions, values: Float32Array.from(positions, () => random() - 0.3) };
    });
    return update(neuronId, round, Number(neuronId), tensors);
  };
  const earlier = [made(1n, 3), made(2n, 4)];
  const current = [made(3n, 5), made(4n, 5)];
  const kept = ({ tensors }: CommittedUpdate) => tensors.reduce((sum, one) => sum + one.positions.length, 0);
  for (const later of current) {
    // From a threshold of next to nothing on everybody copies whom they are most like.
    const [finding] = findCopies([later], earlier, 1e-9);
    const shares = earlier.map((before) => {
      const smaller = Math.min(kept(later), kept(before));
      return Math.round(overlap(later.tensors, before.tensors) * smaller) / kept(later);
    });
    assert.equal(finding.overlap, Math.max(...shares), `neuron ${later.neuronId}`);
    assert.equal(finding.originalNeuronId, shares[0] >= shares[1] ? 1n : 2n);
  }
});
