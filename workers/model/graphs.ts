import { Tape } from "../onnx/autodiff.ts";
import { Graph, type Value } from "../onnx/graph.ts";
import * as kernel from "../onnx/kernels.ts";
import { countedLabels, crossEntropy, type Labels, logLikelihood } from "../onnx/likelihood.ts";
import { cpuProfile, type Profile } from "../onnx/profiles.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
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
  nextGradient: (name: string) => `next.gradient.${name}`,
  tokens: "tokens",
  steps: "steps",
  learningRate: "learningRate",
  correction1: "correction1",
  correction2: "correction2",
  loss: "loss",
  losses: "losses",
  count: "count",
  logits: "logits",
};

/** Loss and the gradient of every parameter, for checks: tokens int32 [batch, T+1] → loss, gradients. */
export function gradientGraph(model: ModelSettings, batch: number, profile: Profile = cpuProfile): Graph {
  const graph = new Graph("gradients", profile);
  const tokens = graph.input(port.tokens, [batch, model.sequenceLength + 1], "int32");
  const { loss, gradients } = lossWithGradients(graph, model, parameterInputs(graph, model), tokens);
  graph.output(loss, port.loss);
  for (const [index, { name }] of parameterLayout(model).entries()) {
    graph.output(gradients[index], port.gradient(name));
  }
  return graph;
}

/** Mean loss of each sequence in nats per counted token: tokens int32 [batch, T+1] → losses [batch]. */
export function evaluationGraph(model: ModelSettings, batch: number, profile: Profile = cpuProfile): Graph {
  const graph = new Graph("evaluation", profile);
  const tokens = graph.input(port.tokens, [batch, model.sequenceLength + 1], "int32");
  graph.output(sequenceLosses(graph, model, parameterInputs(graph, model), tokens), port.losses);
  return graph;
}

/**
 * `evaluationGraph` for several batches in one run, so that a provider that takes its parameters from the host takes
 * them once: tokens int32 [batches, batch, T+1] → losses [batches, batch].
 */
export function evaluationLoopGraph(
  model: ModelSettings,
  batch: number,
  batches: number,
  profile: Profile,
): Graph {
  const graph = new Graph("evaluations", profile);
  const tokens = graph.input(port.tokens, [batches, batch, model.sequenceLength + 1], "int32");
  const parameters = parameterInputs(graph, model);
  const body = new Graph("body", profile);
  const trip = body.input("body.trip", [], "int64");
  const condition = body.input("body.condition", [], "bool");
  body.output(condition, "body.goOn");
  const own = kernel.take(body, tokens, trip);
  body.output(sequenceLosses(body, model, parameters, own), "body.losses");
  const [losses] = graph.loop(graph.integer(batches), batches, [], body);
  graph.output(losses, port.losses);
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

/** Inputs for every parameter, in manifest order. */
export function parameterInputs(graph: Graph, model: ModelSettings): Value[] {
  return parameterLayout(model).map(({ name, shape }) => graph.input(port.parameter(name), shape));
}

/**
 * Mean loss per counted token of a batch and its gradient by each parameter.
 * @param tokens int32 [batch, T+1]
 * @returns the loss and the number of counted tokens as scalars, gradients in manifest order
 */
export function lossWithGradients(
  graph: Graph,
  model: ModelSettings,
  parameters: readonly Value[],
  tokens: Value,
): { loss: Value; count: Value; gradients: Value[] } {
  const tape = new Tape(graph);
  for (const parameter of parameters) tape.parameter(parameter);
  const { ids, labels } = shiftedTokens(graph, model, tokens);
  const logits = llamaLogits(tape, model, byName(model, parameters), ids, tokens.shape[0]);
  const { loss, count } = crossEntropy(tape, logits, labels);
  return { loss, count, gradients: tape.gradients(loss, parameters) };
}

/** tokens int32 [batch, T+1] → mean loss of each sequence per counted token [batch]. */
function sequenceLosses(
  graph: Graph,
  model: ModelSettings,
  parameters: readonly Value[],
  tokens: Value,
): Value {
  const [batch] = tokens.shape;
  const { ids, labels } = shiftedTokens(graph, model, tokens);
  const logits = llamaLogits(new Tape(graph), model, byName(model, parameters), ids, batch);
  const sums = (value: Value) => {
    const bySequence = kernel.reshape(graph, value, [batch, model.sequenceLength]);
    return kernel.reshape(graph, kernel.sumLast(graph, bySequence), [batch]);
  };
  const counts = graph.node("Max", [sums(labels.counted), graph.scalar(1)], [batch]);
  const totals = kernel.scale(graph, sums(logLikelihood(graph, logits, labels)), -1);
  return kernel.divide(graph, totals, counts);
}

/** Looks a parameter's value up by its name. */
export function byName(model: ModelSettings, values: readonly Value[]): Parameters {
  const known = new Map(parameterLayout(model).map(({ name }, index) => [name, values[index]]));
  return (name) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`no parameter ${name}`);
    return value;
  };
}

/**
 * tokens int32 [batch, T+1] → ids of the first T of each sequence and labels of the T that follow, [batch · T] each.
 * A negative token −1 − t stands for t whose prediction is not counted: as a label it is ignored, as an input it is t.
 */
function shiftedTokens(graph: Graph, model: ModelSettings, tokens: Value): { ids: Value; labels: Labels } {
  const length = model.sequenceLength;
  const wide = kernel.cast(graph, tokens, graph.profile.idType);
  const columns = (from: number) =>
    kernel.reshape(graph, kernel.slice(graph, wide, 1, from, from + length), [tokens.shape[0] * length]);
  const inputs = columns(0);
  const ignored = graph.node("Less", [inputs, graph.ids([0])], inputs.shape, { type: "bool" });
  const restored = graph.node("Sub", [graph.ids([-1]), inputs], inputs.shape);
  const ids = graph.node("Where", [ignored, restored, inputs], inputs.shape, { type: inputs.type });
  return { ids, labels: countedLabels(graph, columns(1)) };
}
