import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkCount, maxKept, quotaOf } from "../../../workers/codec/settings.ts";

const DEFAULTS = { topK: 64, chunk: 4096 };

test("quotaOf, shorter chunks, in proportion, halves up, at least one", () => {
  const expected: [number, number][] = [
    [4096, 64],
    [4095, 64],
    [2048, 32],
    [96, 2], // 1.5
    [95, 1],
    [64, 1],
    [1, 1],
  ];
  for (const [length, quota] of expected) assert.equal(quotaOf(length, DEFAULTS), quota, `${length}`);
});

test("maxKept and chunkCount, any size, agree with the chunks one by one", () => {
  for (const settings of [DEFAULTS, { topK: 3, chunk: 8 }, { topK: 8, chunk: 8 }, { topK: 1, chunk: 1 }]) {
    for (const size of [0, 1, 7, 8, 9, 4095, 4096, 4097, 10_000]) {
      let most = 0;
      let chunks = 0;
      for (let start = 0; start < size; start += settings.chunk) {
        most += quotaOf(Math.min(settings.chunk, size - start), settings);
        chunks += 1;
      }
      assert.equal(maxKept(size, settings), most, `${size} of ${settings.chunk}`);
      assert.equal(chunkCount(size, settings), chunks, `${size} of ${settings.chunk}`);
    }
  }
});
