import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "onnxruntime-node";
import { Tape } from "../../../workers/onnx/autodiff.ts";
import { Graph } from "../../../workers/onnx/graph.ts";
import { countedLabels, crossEntropy, logLikelihood } from "../../../workers/onnx/likelihood.ts";
import { profileOf } from "../../../workers/onnx/profiles.ts";
import { openSession } from "../../../workers/onnx/session.ts";

const logits = [2, 0, -1, 0.5, 0.5, 3, 1, 1, 1, -2, 4, 0];
const softmax = (row: number, column: number) => {
  const values = logits.slice(row * 3, row * 3 + 3);
  return Math.exp(values[column]) / values.reduce((sum, value) => sum + Math.exp(value), 0);
};

async function lossOf(provider: "cpu" | "webgpu", labels: readonly number[]) {
  const graph = new Graph("loss", profileOf(provider));
  const tape = new Tape(graph);
  const input = tape.parameter(graph.input("logits", [4, 3]));
  const counted = countedLabels(graph, graph.ids(labels));
  const { loss } = crossEntropy(tape, input, counted);
  const [gradient] = tape.gradients(loss, [input]);
  graph.output(loss, "loss");
  graph.output(gradient, "gradient");
  graph.output(logLikelihood(graph, input, counted), "likelihood");
  const session = await openSession(graph, { threads: 1, provider: "cpu" });
  const results = await session.run({ logits: new Tensor("float32", Float32Array.from(logits), [4, 3]) });
  const floats = (name: string) => Array.from(results[name].data as Float32Array);
  return { loss: floats("loss")[0], gradient: floats("gradient"), likelihood: floats("likelihood") };
}

function close(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [index, value] of actual.entries())
    assert.ok(Math.abs(value - expected[index]) < 1e-6, `${index}: ${value} instead of ${expected[index]}`);
}

for (const provider of ["cpu", "webgpu"] as const) {
  test(`crossEntropy, ${provider} operators, is the mean over counted rows`, async () => {
    const { loss, gradient, likelihood } = await lossOf(provider, [0, -1, 2, 1]);
    const expected = [0, 2, 3].map((row, index) => Math.log(softmax(row, [0, 2, 1][index])));
    close([loss], [-expected.reduce((sum, value) => sum + value, 0) / 3]);
    close(likelihood, [expected[0], 0, expected[1], expected[2]]);
    const label = [0, -1, 2, 1];
    close(
      gradient,
      logits.map((_, index) => {
        const [row, column] = [Math.floor(index / 3), index % 3];
        if (label[row] < 0) return 0;
        return (softmax(row, column) - (label[row] === column ? 1 : 0)) / 3;
      }),
    );
  });

  test(`crossEntropy, ${provider} operators, every row ignored, is 0 with zero gradients`, async () => {
    const { loss, gradient } = await lossOf(provider, [-1, -2, -3, -1]);
    close([loss], [0]);
    close(gradient, new Array(12).fill(0));
  });
}
