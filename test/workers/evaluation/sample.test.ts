import assert from "node:assert/strict";
import { test } from "node:test";
import { pad, toHex } from "viem";
import { type Candidate, chooseSample } from "../../../workers/evaluation/sample.ts";

const beacon = (round: number) => pad(toHex(round), { size: 32 });

function candidates(count: number, change: (uid: number) => Partial<Candidate> = () => ({})): Candidate[] {
  return Array.from({ length: count }, (_, uid) => ({
    uid,
    neuronId: BigInt(100 + uid),
    roundsUnseen: 0,
    newcomer: false,
    ...change(uid),
  }));
}

test("chooseSample, as many seats as candidates or more: everybody", () => {
  const settings = { sampleSize: 9, newcomerSeats: 2 };
  assert.deepEqual(chooseSample(beacon(1), 7n, candidates(4), settings), [0, 1, 2, 3]);
  assert.deepEqual(chooseSample(beacon(1), 7n, [], settings), []);
});

test("chooseSample, the same beacon and validator: the same uids in any order of candidates", () => {
  const settings = { sampleSize: 3, newcomerSeats: 1 };
  for (let round = 0; round < 20; round++) {
    const forward = chooseSample(beacon(round), 7n, candidates(12), settings);
    assert.deepEqual(chooseSample(beacon(round), 7n, candidates(12).toReversed(), settings), forward);
    assert.equal(new Set(forward).size, 3);
  }
});

test("chooseSample, another validator: other uids in most rounds", () => {
  const settings = { sampleSize: 3, newcomerSeats: 0 };
  const sample = (round: number, validator: bigint) =>
    chooseSample(beacon(round), validator, candidates(12), settings).join();
  const rounds = Array.from({ length: 20 }, (_, round) => round);
  assert.ok(rounds.filter((round) => sample(round, 7n) === sample(round, 8n)).length < 5);
});

test("chooseSample, a newcomer among many: a seat is kept for it", () => {
  const many = candidates(12, (uid) => ({ newcomer: uid === 5, roundsUnseen: uid === 5 ? 0 : 50 }));
  for (let round = 0; round < 20; round++) {
    assert.ok(chooseSample(beacon(round), 7n, many, { sampleSize: 2, newcomerSeats: 1 }).includes(5));
  }
});

test("chooseSample, one unseen for long: chosen far more often than by its number", () => {
  const many = candidates(12, (uid) => ({ roundsUnseen: uid === 3 ? 30 : 0 }));
  let chosen = 0;
  for (let round = 0; round < 100; round++) {
    if (chooseSample(beacon(round), 7n, many, { sampleSize: 1, newcomerSeats: 0 })[0] === 3) chosen++;
  }
  assert.ok(chosen > 60, `${chosen}`);
});
