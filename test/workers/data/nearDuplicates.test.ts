import assert from "node:assert/strict";
import { test } from "node:test";
import { NearDuplicates } from "../../../workers/data/nearDuplicates.ts";
import { proseOf } from "../../support/prose.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
/** A text of so many characters of which the first `changed` are another's. */
const variant = (seed: number, length: number, changed: number) =>
  proseOf(seed + 1000, changed) + proseOf(seed, length).slice(changed);

test("NearDuplicates.keep, texts that share more and less than asked for, are dropped and kept", () => {
  const near = new NearDuplicates(0.8);
  let [dropped, kept] = [0, 0];
  for (let seed = 1; seed <= 60; seed++) {
    const text = proseOf(seed, 4000);
    assert.equal(near.keep(bytes(text)), true, `text ${seed}`);
    // Of n shingles each, c are changed: (n − c) of n + c are common.
    if (!near.keep(bytes(variant(seed, 4000, 100)))) dropped += 1;
    if (near.keep(bytes(variant(seed, 4000, 1400)))) kept += 1;
  }
  assert.ok(dropped >= 58, `${dropped} of 60 at 0.95`);
  assert.ok(kept >= 58, `${kept} of 60 at 0.48`);
});

test("NearDuplicates.keep, white space and capitals alone differ, is dropped; short texts never are", () => {
  const near = new NearDuplicates(0.9);
  const text = proseOf(3, 500);
  assert.equal(near.keep(bytes(text)), true);
  assert.equal(near.keep(bytes(text.toUpperCase().replaceAll(" ", "  "))), false);
  for (let turn = 0; turn < 2; turn++) assert.equal(near.keep(bytes("too short for a shingle")), true);
});

test("NearDuplicates.keep, at 1, drops what has the same pieces alone", () => {
  const near = new NearDuplicates(1);
  assert.equal(near.keep(bytes(proseOf(1, 3000))), true);
  assert.equal(near.keep(bytes(variant(1, 3000, 600))), true);
  assert.equal(near.keep(bytes(proseOf(1, 3000))), false);
});

test("NearDuplicates.keep, more texts than are remembered, forgets the oldest and keeps the newer ones in mind", () => {
  const near = new NearDuplicates(0.8, 10);
  for (let seed = 1; seed <= 25; seed++) assert.equal(near.keep(bytes(proseOf(seed, 1000))), true);
  assert.equal(near.keep(bytes(proseOf(25, 1000))), false);
  assert.equal(near.keep(bytes(proseOf(12, 1000))), false);
  assert.equal(near.keep(bytes(proseOf(5, 1000))), true);
});
