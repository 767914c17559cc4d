import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Tensor } from "onnxruntime-node";
import { causalAttention, queryChunk, queryChunks } from "../../../workers/onnx/attention.ts";
import { Tape } from "../../../workers/onnx/autodiff.ts";
import { Graph } from "../../../workers/onnx/graph.ts";
import { profileOf } from "../../../workers/onnx/profiles.ts";
import { openSession } from "../../../workers/onnx/session.ts";

test("queryChunk, any extents, divides the length and keeps to the limit where one query does", () => {
  const positive = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(positive, positive, fc.integer({ min: 1, max: 100_000 }), (length, matrices, limit) => {
      const chunk = queryChunk(length, matrices, limit);
      assert.equal(length % chunk, 0);
      assert.ok(chunk === 1 || chunk * matrices * length <= limit);
    }),
  );
});

test("queryChunk, a length that fits, takes all queries at once", () => {
  assert.equal(queryChunk(64, 32, 1 << 24), 64);
  assert.equal(queryChunk(2048, 128, 1 << 24), 64);
});

const extents = { batch: 2, kvHeads: 2, groups: 3, length: 8 };
const width = 4;

async function mixedBy(maxScores: number): Promise<Float32Array> {
  const { batch, kvHeads, groups, length } = extents;
  const graph = new Graph("attention", profileOf("cpu", { maxScores }));
  const tokens = graph.input("tokens", [1], "int64");
  const queries = graph.input("queries", [batch, kvHeads, groups, length, width]);
  const keys = graph.input("keys", [batch, kvHeads, length, width]);
  const values = graph.input("values", [batch, kvHeads, length, width]);
  const chunks = queryChunks(graph, extents, tokens);
  graph.output(causalAttention(new Tape(graph), queries, keys, values, chunks), "mixed");
  const session = await openSession(graph, { threads: 1 });
  const wave = (shape: readonly number[], phase: number) =>
    new Tensor(
      "float32",
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.7 + phase)),
      shape,
    );
  const results = await session.run({
    tokens: new Tensor("int64", BigInt64Array.of(5n), [1]),
    queries: wave(queries.shape, 0),
    keys: wave(keys.shape, 1),
    values: wave(values.shape, 2),
  });
  assert.ok(results.mixed.data instanceof Float32Array);
  return results.mixed.data;
}

test("causalAttention, in chunks of every size, equals the whole", async () => {
  const whole = await mixedBy(1 << 24);
  for (const chunk of [1, 2, 4]) {
    const parts = await mixedBy(chunk * 12 * extents.length);
    const largest = Math.max(...parts.map((value, index) => Math.abs(value - whole[index])));
    assert.ok(largest < 1e-6, `chunks of ${chunk} differ by ${largest}`);
  }
});

test("causalAttention, the first query, sees the first key alone", async () => {
  const mixed = await mixedBy(1 << 24);
  const firstValue = Array.from({ length: width }, (_, i) => Math.fround(Math.sin(i * 0.7 + 2)));
  for (const [index, value] of firstValue.entries())
    assert.ok(Math.abs(mixed[index] - value) < 1e-6, `${index}`);
});
