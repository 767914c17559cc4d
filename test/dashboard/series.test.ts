import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  communicationShare,
  compressionRatio,
  issuedAfter,
  lastOf,
  meanUpdateBytes,
  mergeRounds,
  xOf,
} from "../../dashboard/src/series.ts";
import { clock, epochs, network, rounds } from "../support/fixtureRun.ts";

const some = rounds(0).rounds;
const [first] = some;

describe("xOf", () => {
  it("rounds: their numbers", () => {
    assert.deepEqual(xOf(some.slice(5, 8), "round", network), [5, 6, 7]);
  });

  it("tokens: of the updates revealed before each round", () => {
    const per = network.training.tokensPerUpdate;
    const given = [40, 44, 50].map((revealsBefore, round) => ({ ...first, round, revealsBefore }));
    assert.deepEqual(xOf(given, "tokens", network), [40 * per, 44 * per, 50 * per]);
  });

  it("hours: from genesis to each start", () => {
    const given = [0, 1800, 7200].map((after) => ({ ...first, start: clock.genesis + after }));
    assert.deepEqual(xOf(given, "hours", network), [0, 0.5, 2]);
  });
});

describe("figures of a round", () => {
  it("mean bytes and compression: of revealed updates, null without any", () => {
    const round = { ...first, reveals: 4, bytes: 160_000 };
    assert.equal(meanUpdateBytes(round), 40_000);
    assert.equal(compressionRatio(round, 4_800_000), 120);
    const none = { ...first, reveals: 0, bytes: 0 };
    assert.equal(meanUpdateBytes(none), null);
    assert.equal(compressionRatio(none, 4_800_000), null);
    assert.equal(compressionRatio({ ...first, reveals: 2, bytes: 0 }, 1), null);
  });

  it("communication: share of busy seconds, idle ones not counted", () => {
    const seconds = { train: 7, encode: 1, store: 0.5, transaction: 1, fetch: 0.5, decode: 0, idle: 90 };
    assert.equal(communicationShare({ ...first, seconds }), 0.2);
    assert.equal(communicationShare({ ...first, seconds: null }), null);
    assert.equal(communicationShare({ ...first, seconds: { idle: 3 } }), null);
  });
});

describe("mergeRounds", () => {
  const of = (...numbers: readonly number[]) => numbers.map((round) => ({ ...first, round }));
  const numbers = (known: readonly { readonly round: number }[]) => known.map(({ round }) => round);

  it("fresh rounds replace those of their number, and go on from there", () => {
    const fresh = of(3, 4).map((row) => ({ ...row, reveals: 9 }));
    const merged = mergeRounds(of(1, 2, 3), fresh);
    assert.deepEqual(numbers(merged), [1, 2, 3, 4]);
    assert.equal(merged[2].reveals, 9);
  });

  it("nothing known, or nothing fresh: the other", () => {
    assert.deepEqual(numbers(mergeRounds([], of(5, 6))), [5, 6]);
    assert.deepEqual(numbers(mergeRounds(of(5), [])), [5]);
  });
});

describe("issuedAfter", () => {
  it("ends at what is issued now, each settlement lower by what the next minted", () => {
    const given = epochs.epochs
      .slice(0, 3)
      .map((row, index) => ({ ...row, minted: ["10", "20", "30.5"][index] }));
    assert.deepEqual(issuedAfter(given, "1000"), [949.5, 969.5, 1000]);
    assert.deepEqual(issuedAfter([], "1000"), []);
  });
});

describe("lastOf", () => {
  it("the last value that is there; undefined of gaps alone", () => {
    assert.deepEqual(lastOf([1, 2, null, null]), { index: 1, value: 2 });
    assert.deepEqual(lastOf([0]), { index: 0, value: 0 });
    assert.equal(lastOf([null]), undefined);
    assert.equal(lastOf([]), undefined);
  });
});
