import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "onnxruntime-node";
import { Tape, UnusedParameterError } from "../../../workers/onnx/autodiff.ts";
import { Graph } from "../../../workers/onnx/graph.ts";
import * as kernel from "../../../workers/onnx/kernels.ts";
import * as op from "../../../workers/onnx/operators.ts";
import { modelBytes } from "../../../workers/onnx/serialize.ts";
import { openSession } from "../../../workers/onnx/session.ts";

const floats = (...values: number[]) => new Tensor("float32", Float32Array.from(values), [values.length]);

async function run(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, number[]>> {
  const session = await openSession(graph, { threads: 1 });
  const results = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

test("modelBytes, the same graph built twice, gives the same bytes", () => {
  const build = () => {
    const graph = new Graph("sum");
    graph.output(kernel.scale(graph, graph.input("x", [2]), 3), "y");
    return Buffer.from(modelBytes(graph)).toString("hex");
  };
  assert.equal(build(), build());
});

test("Graph.output, a result used further on, an input, and one value twice, all come out", async () => {
  const graph = new Graph("outputs");
  const x = graph.input("x", [2]);
  const doubled = kernel.scale(graph, x, 2);
  const quadrupled = kernel.scale(graph, doubled, 2);
  graph.output(doubled, "doubled");
  graph.output(doubled, "again");
  graph.output(x, "same");
  graph.output(quadrupled, "quadrupled");
  assert.deepEqual(await run(graph, { x: floats(1, -3) }), {
    doubled: [2, -6],
    again: [2, -6],
    same: [1, -3],
    quadrupled: [4, -12],
  });
});

test("Graph.scalar, equal values, are one constant", () => {
  const graph = new Graph("constants");
  assert.equal(graph.scalar(0.5), graph.scalar(0.5));
  assert.notEqual(graph.scalar(0.5), graph.scalar(0.25));
  assert.equal(graph.integers([1, 2]), graph.integers([1, 2]));
  assert.equal(graph.constants.length, 3);
});

test("Tape.gradients, a value used twice, adds what comes from both sides", async () => {
  const graph = new Graph("fork");
  const tape = new Tape(graph);
  const weight = tape.parameter(graph.input("weight", [1, 3]));
  const once = op.linear(tape, graph.constant(Float32Array.of(1, 2, 3), [1, 3]), weight);
  const both = op.add(tape, once, op.linear(tape, graph.constant(Float32Array.of(5, 0, 1), [1, 3]), weight));
  const [gradient] = tape.gradients(op.reshape(tape, both, []), [weight]);
  graph.output(gradient, "gradient");
  const feeds = { weight: new Tensor("float32", new Float32Array(3), [1, 3]) };
  assert.deepEqual(await run(graph, feeds), { gradient: [6, 2, 4] });
});

test("Tape.gradients, a parameter that the loss does not use, throws", () => {
  const graph = new Graph("unused");
  const tape = new Tape(graph);
  const used = tape.parameter(graph.input("used", []));
  const unused = tape.parameter(graph.input("unused", []));
  assert.throws(
    () => tape.gradients(op.add(tape, used, used), [used, unused]),
    (error) => error instanceof UnusedParameterError && error.data.parameter === "unused",
  );
});
