import { createHash } from "node:crypto";
import type { Document } from "./documents.ts";
import { forEachShingle, ShingleSet, shingleCount } from "./shingles.ts";

/** A document is a near-duplicate when more than this share of its shingles stand in documents kept before it. */
const duplicateShare = 0.5;
/** One shingle in so many, chosen by its hash, stands for the rest in the search for duplicates. */
const sampling = 8;
/** A held-out document is dropped when more than this share of its shingles occur in training text. */
export const leakShare = 0.3;

/**
 * Keeps the first of documents that say the same: equal up to white space and case, or with more than half of their
 * sampled 64-byte shingles (white space collapsed) already in what was kept. The result depends on the order given.
 */
export function dropNearDuplicates(documents: readonly Document[]): Document[] {
  const exact = new Set<string>();
  const kept = new ShingleSet();
  return documents.filter((document) => {
    const text = collapse(document.text);
    const hash = createHash("sha256").update(text).digest("base64");
    if (exact.has(hash)) return false;
    exact.add(hash);
    const sample: number[] = [];
    let known = 0;
    forEachShingle(text, (high, low) => {
      if (Math.imul(high, 0x9e3779b1) >>> 0 >= 2 ** 32 / sampling) return;
      sample.push(high, low);
      if (kept.find(high, low) >= 0) known++;
    });
    if (known > (duplicateShare * sample.length) / 2) return false;
    for (let index = 0; index < sample.length; index += 2) kept.add(sample[index], sample[index + 1]);
    return true;
  });
}

/**
 * Share of each held-out document's 64-byte shingles, all of them, that occur anywhere in the training documents.
 * A document shorter than a shingle shares nothing. Time and memory follow the held-out part; training text streams by.
 */
export function sharedShares(heldOut: readonly Document[], training: readonly Document[]): number[] {
  const shingles = new ShingleSet();
  for (const { text } of heldOut) forEachShingle(text, (high, low) => void shingles.add(high, low));
  const seen = new Uint8Array(shingles.size);
  for (const { text } of training)
    forEachShingle(text, (high, low) => {
      const number = shingles.find(high, low);
      if (number >= 0) seen[number] = 1;
    });
  return heldOut.map(({ text }) => {
    let shared = 0;
    forEachShingle(text, (high, low) => {
      shared += seen[shingles.find(high, low)];
    });
    return shared / Math.max(1, shingleCount(text.length));
  });
}

/** Held-out documents that share at most `leakShare` of their shingles with training text. */
export function dropLeaks(heldOut: readonly Document[], training: readonly Document[]): Document[] {
  const shares = sharedShares(heldOut, training);
  return heldOut.filter((_, index) => shares[index] <= leakShare);
}

/** ASCII white space collapsed to one blank, ASCII letters lowered. */
export function collapse(text: Uint8Array): Uint8Array {
  const collapsed = new Uint8Array(text.length);
  let length = 0;
  let blank = true;
  for (const byte of text) {
    const white = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (white && blank) continue;
    blank = white;
    collapsed[length++] = white ? 0x20 : byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
  }
  return collapsed.subarray(0, length);
}
