import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  changed,
  perturbed,
  poisoned,
  SharedOffer,
  scaled,
  sitOut,
  switching,
} from "../../../lab/training/changedOffers.ts";
import { conductOf } from "../../../lab/training/conducts.ts";
import { labText } from "../../../lab/training/labText.ts";
import type { Offer, RoundWork, UpdatePolicy } from "../../../workers/miner/updatePolicy.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";

const signal = new AbortController().signal;
const specs = [{ name: "all", shape: [4] }];
const workerState = zeroWorkerState(specs);
const work = (round: number): RoundWork => ({
  state: { round, theta: [new Float32Array(4)], root: `0x${"00".repeat(32)}` },
  workerState,
});

/** Offers its number of calls, four times. */
function counter(): UpdatePolicy {
  let calls = 0;
  return {
    offer: async () => ({ values: [new Float32Array(4).fill(++calls)], moments: workerState.moments }),
    close: async () => undefined,
  };
}

const first = (offer: Offer | undefined) => offer?.values[0][0];

test("changed, an offer and none: changed with the round, and none", async () => {
  const turned = changed(counter(), (values, round) => scaled(values, -round));
  assert.equal(first(await turned.offer(work(3), signal)), -3);
  assert.equal(await changed(sitOut, (values) => values).offer(work(3), signal), undefined);
});

test("switching, two rounds: the policy of each", async () => {
  const policy = switching((round) => (round % 2 === 0 ? counter() : sitOut));
  assert.equal(first(await policy.offer(work(2), signal)), 1);
  assert.equal(await policy.offer(work(3), signal), undefined);
});

test("SharedOffer, two miners in two rounds: one offer a round", async () => {
  const shared = new SharedOffer();
  const [one, other] = [shared.of(counter()), shared.of(counter())];
  const offers = [await one.offer(work(0), signal), await other.offer(work(0), signal)];
  assert.equal(offers[0], offers[1]);
  assert.equal(first(await other.offer(work(1), signal)), 1);
});

test("perturbed, any share: the same for the same name, about as many values stay as the rest of it", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.string(), (share, name) => {
      const values = [Float32Array.from({ length: 4096 }, (_, position) => (position % 8 === 0 ? 1 : 0))];
      const [once, again] = [perturbed(values, share, name), perturbed(values, share, name)];
      assert.deepEqual(once, again);
      const kept = values[0].filter((value, position) => value !== 0 && once[0][position] === value).length;
      // Of 512 values; a moved one may land on a place that one was moved from.
      assert.ok(Math.abs(kept / 512 - (1 - share)) < 0.2, `${kept} kept at ${share}`);
    }),
    { numRuns: 50 },
  );
});

test("poisoned, twice: the same direction, a share of the largest value in size", () => {
  const values = [new Float32Array(4096).fill(2)];
  const [once] = poisoned(values, 0.5, "direction");
  assert.deepEqual(poisoned(values, 0.5, "direction")[0], once);
  const moved = once.filter((value) => value !== 2);
  assert.ok(moved.length > 40 && moved.length < 130, `${moved.length}`);
  for (const value of moved) assert.ok(value === 1 || value === 3);
});

test("labText, dialects and languages: of the length asked for, each its own, the same again", () => {
  const text = labText("lab", 1, 1, 500);
  assert.equal(text.length, 500);
  assert.deepEqual(labText("lab", 1, 1, 500), text);
  for (const other of [labText("lab", 2, 1, 500), labText("foreign", 1, 1, 500), labText("lab", 1, 2, 500)])
    assert.notDeepEqual(other, text);
});

test("conductOf, a name nobody has: UNKNOWN_ATTACK", () => {
  assert.throws(() => conductOf("angel"), { code: "UNKNOWN_ATTACK" });
});
