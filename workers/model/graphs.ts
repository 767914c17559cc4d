import { Tape } from "../onnx/autodiff.ts";
import { Graph, type Value } from "../onnx/graph.ts";
import * as kernel from "../onnx/kernels.ts";
import { countedLabels, crossEntropy, type Labels, logLikelihood } from "../onnx/likelihood.ts";
import { cpuProfile, type Profile } from "../onnx/profiles.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import { adamWStep, clipFactor } from "./adamw.ts";
import { parameterLayout } from "./layout.ts";
import { llamaLogits, type Parameters } from "./llama.ts";

/** Names of a graph's inputs and outputs for the parameter called `name`. */
export const port = {
  parameter: (name: string) => `parameter.${name}`,
  moment1: (name: string) => `moment1.${name}`,
  moment2: (name: string) => `moment2.${name}`,
  gradient: (name: string) => `gradient.${name}`,
  nextParameter: (name: string) => `next.parameter.${name}`,
  nextMoment1: (name: string) => `next.moment1.${name}`,
  nextMoment2: (name: string) => `next.moment2.${name}`,
  tokens: "tokens",
  learningRate: "learningRate",
  correction1: "correction1",
  correction2: "correction2",
  loss: "loss",
  losses: "losses",
  logits: "logits",
};

/**
 * One inner step: mean loss over a batch, gradients and AdamW. Inputs: tokens int32 [batchSequences, T+1], parameters
 * and both moments, learning rate and bias corrections; outputs: the loss before the step and everything after it.
 */
export function trainStepGraph(
  model: ModelSettings,
  training: TrainingSettings,
  profile: Profile = cpuProfile,
): Graph {
  const graph = new Graph("trainStep", profile);
  const { loss, parameters, gradients } = lossWithGradients(graph, model, training.batchSequences);
  const step = {
    learningRate: graph.input(port.learningRate, []),
    correction1: graph.input(port.correction1, []),
    correction2: graph.input(port.correction2, []),
  };
  const clip = clipFactor(graph, gradients, training.clipNorm);
  graph.output(loss, port.loss);
  for (const [index, { name, shape, role }] of parameterLayout(model).entries()) {
    const state = {
      parameter: parameters[index],
      gradient: gradients[index],
      moment1: graph.input(port.moment1(name), shape),
      moment2: graph.input(port.moment2(name), shape),
      decays: role !== "norm",
    };
    const next = adamWStep(graph, training, state, clip, step);
    graph.output(next.parameter, port.nextParameter(name));
    graph.output(next.moment1, port.nextMoment1(name));
    graph.output(next.moment2, port.nextMoment2(name));
  }
  return graph;
}

/** Loss and the gradient of every parameter, for checks: tokens int32 [batch, T+1] → loss, gradients. */
export function gradientGraph(model: ModelSettings, batch: number, profile: Profile = cpuProfile): Graph {
  const graph = new Graph("gradients", profile);
  const { loss, gradients } = lossWithGradients(graph, model, batch);
  graph.output(loss, port.loss);
  for (const [index, { name }] of parameterLayout(model).entries()) {
    graph.output(gradients[index], port.gradient(name));
  }
  return graph;
}

/** Mean loss of each sequence in nats per counted token: tokens int32 [batch, T+1] → losses [batch]. */
export function evaluationGraph(model: ModelSettings, batch: number, profile: Profile = cpuProfile): Graph {
  const graph = new Graph("evaluation", profile);
  const tape = new Tape(graph);
  const parameters = parameterInputs(graph, model);
  const { ids, labels } = shiftedTokens(graph, model, batch);
  const logits = llamaLogits(tape, model, byName(model, parameters), ids, batch);
  const sums = (value: Value) => {
    const bySequence = kernel.reshape(graph, value, [batch, model.sequenceLength]);
    return kernel.reshape(graph, kernel.sumLast(graph, bySequence), [batch]);
  };
  const counts = graph.node("Max", [sums(labels.counted), graph.scalar(1)], [batch]);
  const totals = kernel.scale(graph, sums(logLikelihood(graph, logits, labels)), -1);
  graph.output(kernel.divide(graph, totals, counts), port.losses);
  return graph;
}

/** Logits of one sequence: tokens int32 [T] → logits [T, vocab]; row t predicts what follows token t. */
export function logitsGraph(model: ModelSettings, profile: Profile = cpuProfile): Graph {
  const graph = new Graph("logits", profile);
  const parameters = parameterInputs(graph, model);
  const tokens = graph.input(port.tokens, [model.sequenceLength], "int32");
  const ids = kernel.cast(graph, tokens, profile.idType);
  graph.output(llamaLogits(new Tape(graph), model, byName(model, parameters), ids, 1), port.logits);
  return graph;
}

function lossWithGradients(graph: Graph, model: ModelSettings, batch: number) {
  const tape = new Tape(graph);
  const parameters = parameterInputs(graph, model).map((value) => tape.parameter(value));
  const { ids, labels } = shiftedTokens(graph, model, batch);
  const logits = llamaLogits(tape, model, byName(model, parameters), ids, batch);
  const loss = crossEntropy(tape, logits, labels);
  return { loss, parameters, gradients: tape.gradients(loss, parameters) };
}

function parameterInputs(graph: Graph, model: ModelSettings): Value[] {
  return parameterLayout(model).map(({ name, shape }) => graph.input(port.parameter(name), shape));
}

function byName(model: ModelSettings, values: readonly Value[]): Parameters {
  const known = new Map(parameterLayout(model).map(({ name }, index) => [name, values[index]]));
  return (name) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`no parameter ${name}`);
    return value;
  };
}

/**
 * tokens [batch, T+1] → ids of the first T of each sequence and labels of the T that follow them, [batch · T] each.
 * A negative token −1 − t stands for t whose prediction is not counted: as a label it is ignored, as an input it is t.
 */
function shiftedTokens(graph: Graph, model: ModelSettings, batch: number): { ids: Value; labels: Labels } {
  const length = model.sequenceLength;
  const given = graph.input(port.tokens, [batch, length + 1], "int32");
  const tokens = kernel.cast(graph, given, graph.profile.idType);
  const columns = (from: number) =>
    kernel.reshape(graph, kernel.slice(graph, tokens, 1, from, from + length), [batch * length]);
  const inputs = columns(0);
  const ignored = graph.node("Less", [inputs, graph.ids([0])], inputs.shape, { type: "bool" });
  const restored = graph.node("Sub", [graph.ids([-1]), inputs], inputs.shape);
  const ids = graph.node("Where", [ignored, restored, inputs], inputs.shape, { type: inputs.type });
  return { ids, labels: countedLabels(graph, columns(1)) };
}
