import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keccak256, toHex } from "viem";
import {
  batchSequences,
  evaluationSample,
  ownSequences,
  randomSequences,
  type SampleCandidate,
  shardsOf,
} from "../../../workers/protocol/assignment.ts";
import { vectors } from "./protocolVectors.ts";

const { beacons, assignment } = vectors;
const seeds = fc.nat().map((seed) => keccak256(toHex(seed)));

test("shardsOf, batchSequences and randomSequences, golden draws", () => {
  const neuronId = BigInt(assignment.neuronId);
  const { shardSequences, shards, batches, random, evalSequences } = assignment;
  assert.deepEqual(shardsOf(beacons.data, neuronId, shards.length, shardSequences.length), shards);
  assert.deepEqual(batchSequences(beacons.data, neuronId, batches.length, shards, shardSequences), batches);
  assert.deepEqual(randomSequences(beacons.eval, 2n, random.length, shardSequences, evalSequences), random);
});

test("batchSequences and randomSequences, any lengths, every sequence exists", () => {
  const lengths = fc
    .array(fc.nat(20), { minLength: 1, maxLength: 6 })
    .filter((all) => all.some((n) => n > 0));
  fc.assert(
    fc.property(seeds, lengths, fc.integer({ min: 1, max: 5 }), (seed, shardSequences, evalSequences) => {
      const shards = shardSequences.map((_, shard) => shard);
      for (const { shard, sequence } of batchSequences(seed, 9n, 20, shards, shardSequences)) {
        assert.ok(sequence >= 0 && sequence < shardSequences[shard]);
      }
      for (const { shard, sequence } of randomSequences(seed, 9n, 20, shardSequences, evalSequences)) {
        assert.ok(sequence < Math.min(evalSequences, shardSequences[shard]));
      }
    }),
    { seed: 17, numRuns: 100 },
  );
});

test("batchSequences, a shard drawn twice, counts twice", () => {
  const refs = batchSequences(beacons.data, 1n, 50, [0, 0], [1]);
  assert.ok(refs.every(({ shard, sequence }) => shard === 0 && sequence === 0));
});

test("draws, nothing to draw from, DRAW_EMPTY", () => {
  const empty = { code: "DRAW_EMPTY" };
  assert.throws(() => shardsOf(beacons.data, 1n, 1, 0), empty);
  assert.throws(() => batchSequences(beacons.data, 1n, 1, [0], [0]), empty);
  assert.throws(() => randomSequences(beacons.eval, 1n, 1, [], 4), empty);
  assert.throws(() => ownSequences(beacons.eval, 1n, 1, []), empty);
});

test("ownSequences, chosen among the assigned, differ by miner", () => {
  const assigned = Array.from({ length: 100 }, (_, sequence) => ({ shard: 3, sequence }));
  const first = ownSequences(beacons.eval, 1n, 10, assigned);
  assert.equal(first.length, 10);
  assert.ok(first.every((ref) => assigned.includes(ref)));
  assert.notDeepEqual(ownSequences(beacons.eval, 2n, 10, assigned), first);
});

const round = 100;
const candidate = (uid: number, lastEvaluated?: number, newcomer = false): SampleCandidate => ({
  uid,
  lastEvaluated,
  newcomer,
});

test("evaluationSample, fewer candidates than seats, all of them ascending", () => {
  const sample = evaluationSample(beacons.eval, 1n, round, [candidate(5), candidate(2, 99)], {
    sampleSize: 8,
    newcomerSeats: 2,
  });
  assert.deepEqual(sample, [2, 5]);
});

test("evaluationSample, any candidates, right size, each once, independent of their order", () => {
  const uids = fc.uniqueArray(fc.nat(255), { maxLength: 30 });
  fc.assert(
    fc.property(seeds, uids, fc.nat(12), fc.nat(4), (seed, all, sampleSize, newcomerSeats) => {
      const candidates = all.map((uid) =>
        candidate(uid, uid % 3 === 0 ? undefined : uid % 100, uid % 5 === 0),
      );
      const seats = { sampleSize, newcomerSeats };
      const sample = evaluationSample(seed, 3n, round, candidates, seats);
      assert.equal(sample.length, Math.min(sampleSize, all.length));
      assert.equal(new Set(sample).size, sample.length);
      assert.deepEqual(evaluationSample(seed, 3n, round, candidates.reverse(), seats), sample);
      const newcomers = candidates.filter(({ newcomer }) => newcomer);
      const seated = newcomers.filter(({ uid }) => sample.includes(uid));
      assert.ok(seated.length >= Math.min(newcomerSeats, sampleSize, newcomers.length));
    }),
    { seed: 23, numRuns: 200 },
  );
});

test("evaluationSample, one unseen for long among those just seen, drawn far more often", () => {
  const candidates = [candidate(0, 1), ...Array.from({ length: 9 }, (_, i) => candidate(i + 1, round - 1))];
  const draws = Array.from({ length: 200 }, (_, seed) =>
    evaluationSample(keccak256(toHex(seed)), 1n, round, candidates, { sampleSize: 1, newcomerSeats: 0 }),
  );
  const longest = draws.filter(([uid]) => uid === 0).length;
  assert.ok(longest > 150, `${longest} of 200`);
});
