import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import type { Document } from "../../../workers/data/documents.ts";
import { dropLeaks, dropNearDuplicates, leakShare, sharedShares } from "../../../workers/data/duplicates.ts";
import { forEachShingle, ShingleSet, shingleBytes, shingleCount } from "../../../workers/data/shingles.ts";
import { proseOf } from "../../support/prose.ts";

function document(path: string, text: string): Document {
  return { group: path, path, text: new TextEncoder().encode(text) };
}

/** What `sharedShares` must give: every shingle as a string in a `Set`. */
function sharedReference(heldOut: string, training: readonly string[]): number {
  const shinglesOf = (text: string) =>
    Array.from({ length: shingleCount(text.length) }, (_, start) => text.slice(start, start + shingleBytes));
  const known = new Set(training.flatMap(shinglesOf));
  const own = shinglesOf(heldOut);
  return own.filter((shingle) => known.has(shingle)).length / Math.max(1, own.length);
}

it("forEachShingle, equal and different windows anywhere, hashes equal ones alone equally", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.uint8Array({ maxLength: 90 }),
      (window, lead) => {
        const alone: number[][] = [];
        forEachShingle(window, (high, low) => alone.push([high, low]));
        const all: number[][] = [];
        forEachShingle(Uint8Array.from([...lead, ...window]), (high, low) => all.push([high, low]));
        assert.equal(all.length, shingleCount(lead.length + 64));
        assert.deepEqual(all.at(-1), alone[0]);
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

it("ShingleSet, many hashes, numbers them as a Map would", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer()), { maxLength: 3000 }),
      (keys) => {
        const set = new ShingleSet();
        const map = new Map<string, number>();
        for (const [high, low] of keys) {
          const key = `${high} ${low}`;
          assert.equal(set.find(high, low), map.get(key) ?? -1);
          if (!map.has(key)) map.set(key, map.size);
          assert.equal(set.add(high, low), map.get(key));
        }
        assert.equal(set.size, map.size);
      },
    ),
    { seed: 8, numRuns: 60 },
  );
});

it("dropNearDuplicates, twins that differ in white space, case or a few lines, keeps the first", () => {
  const prose = proseOf(1, 4000);
  const other = proseOf(2, 4000);
  const documents = [
    document("a", prose),
    document("b", prose.replaceAll(" ", "\n  ")),
    document("c", prose.toUpperCase()),
    document("d", `use strict;\n${prose}\nexport default 1;\n`),
    document("e", other),
    document("f", `${prose.slice(0, 1500)}${proseOf(3, 4000)}`),
  ];
  assert.deepEqual(
    dropNearDuplicates(documents).map(({ path }) => path),
    ["a", "e", "f"],
  );
});

it("sharedShares, overlaps of every size, equals the plain count over strings", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 300 });
  fc.assert(
    fc.property(text, text, fc.nat(200), fc.nat(200), (own, foreign, start, length) => {
      const training = [`${foreign}${own.slice(start, start + length)}`, foreign];
      const [share] = sharedShares(
        [document("own", own)],
        training.map((each, index) => document(`${index}`, each)),
      );
      assert.equal(share, sharedReference(own, training));
    }),
    { seed: 9, numRuns: 300 },
  );
});

it("dropLeaks, shares on both sides of the limit, drops only what is above it", () => {
  const training = proseOf(1, 5000);
  const below = `${training.slice(0, 1300)}${proseOf(2, 3700)}`;
  const above = `${training.slice(0, 1900)}${proseOf(3, 3100)}`;
  const heldOut = [document("below", below), document("above", above)];
  const shares = sharedShares(heldOut, [document("training", training)]);
  assert.ok(shares[0] < leakShare && shares[1] > leakShare, `${shares}`);
  assert.deepEqual(
    dropLeaks(heldOut, [document("training", training)]).map(({ path }) => path),
    ["below"],
  );
});
