import assert from "node:assert/strict";
import { test } from "node:test";
import { Columns } from "../../../workers/codec/columns.ts";
import { PRIORS } from "../../../workers/codec/contexts.ts";
import { RangeDecoder, RangeEncoder } from "../../../workers/codec/rangeCoder.ts";
import type { TensorExtent } from "../../../workers/codec/settings.ts";
import { seededRandom } from "../../support/pseudoGradients.ts";

const SETTINGS = { topK: 16, chunk: 128 };

interface Chunk {
  /** In the tensor. */
  readonly positions: readonly number[];
  readonly negative: readonly boolean[];
}

/** Codes chunks one after the other; gives the bytes after having read them back. */
function coded(extent: TensorExtent, chunks: readonly Chunk[]): Uint8Array {
  const encoder = new RangeEncoder(PRIORS);
  const columns = new Columns(extent, SETTINGS);
  for (const [index, { positions, negative }] of chunks.entries()) {
    const base = index * SETTINGS.chunk;
    const length = Math.min(SETTINGS.chunk, extent.size - base);
    const given = Uint32Array.from(positions);
    columns.codePositions(encoder, given, 0, given.length, base, length);
    columns.codeSigns(encoder, given, Uint8Array.from(negative, Number), 0, given.length);
  }
  const payload = encoder.finish();
  const decoder = new RangeDecoder(PRIORS, payload);
  const again = new Columns(extent, SETTINGS);
  for (const [index, { positions, negative }] of chunks.entries()) {
    const base = index * SETTINGS.chunk;
    const length = Math.min(SETTINGS.chunk, extent.size - base);
    const [read, codes] = [new Uint32Array(positions.length), new Uint8Array(positions.length)];
    again.codePositions(decoder, read, 0, read.length, base, length);
    again.codeSigns(decoder, read, codes, 0, read.length);
    assert.deepEqual([...read], positions, `positions of chunk ${index}`);
    assert.deepEqual([...codes], negative.map(Number), `signs of chunk ${index}`);
  }
  decoder.finish();
  return payload;
}

/** Chunks whose positions mostly lie in some columns, which mostly have one sign. */
function columned(extent: TensorExtent, likely: readonly number[], share: number): Chunk[] {
  const random = seededRandom(extent.width);
  return Array.from({ length: Math.ceil(extent.size / SETTINGS.chunk) }, (_, index) => {
    const base = index * SETTINGS.chunk;
    const length = Math.min(SETTINGS.chunk, extent.size - base);
    const chosen = new Set<number>();
    for (let turn = 0; chosen.size < Math.min(SETTINGS.topK, length) && turn < 4000; turn++) {
      const position = base + Math.floor(random() * length);
      if (likely.includes(position % extent.width) || random() > share) chosen.add(position);
    }
    const positions = [...chosen].sort((a, b) => a - b);
    return { positions, negative: positions.map((each) => random() < (each % 2 === 0 ? 0.1 : 0.9)) };
  });
}

test("Columns, any width, chunks that cut rows, columns that come together or not: what was coded is read", () => {
  for (const width of [1, 2, 7, 16, 100, 128, 129, 1000, 4000])
    for (const share of [0, 0.9, 1]) {
      const extent = { size: 4000, width };
      assert.ok(coded(extent, columned(extent, [0, 3, 11, 12], share)).length > 0);
    }
});

test("Columns, kept values in few columns of one sign each, take a seventh less than in all of them", () => {
  const extent = { size: 64 * 128, width: 64 };
  const few = coded(extent, columned(extent, [5, 17, 18, 40], 0.95)).length;
  const all = coded(extent, columned(extent, [], 0)).length;
  assert.ok(few < 0.857 * all, `${few} bytes against ${all}`);
});

test("Columns, more cells than are remembered in full, both directions forget alike", () => {
  const extent = { size: 8500 * 128, width: 64 };
  assert.ok(coded(extent, columned(extent, [5, 17, 18, 40], 0.95)).length > 0);
});
