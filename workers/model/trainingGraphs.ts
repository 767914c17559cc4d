import { Graph, type Value } from "../onnx/graph.ts";
import * as kernel from "../onnx/kernels.ts";
import { cpuProfile, type Profile } from "../onnx/profiles.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import { adamWStep, clipFactor, derivedScalars, type StepScalars } from "./adamw.ts";
import { lossWithGradients, parameterInputs, port } from "./graphs.ts";
import { parameterLayout } from "./layout.ts";

/** Parameters and both moments of the whole model, in manifest order. */
interface State {
  readonly parameters: readonly Value[];
  readonly moments1: readonly Value[];
  readonly moments2: readonly Value[];
}

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
  const tokens = graph.input(port.tokens, [training.batchSequences, model.sequenceLength + 1], "int32");
  const state = stateInputs(graph, model);
  const { loss, next } = innerStep(graph, model, training, state, tokens, scalarInputs(graph));
  graph.output(loss, port.loss);
  outputState(graph, model, next);
  return graph;
}

/**
 * `steps` inner steps in one run, for a provider whose state would be copied from and to the host in every run. Inputs
 * as `trainStepGraph`'s with a leading axis of `steps` for tokens and scalars; outputs: losses [steps] and the state.
 */
export function innerPhaseGraph(
  model: ModelSettings,
  training: TrainingSettings,
  steps: number,
  profile: Profile,
): Graph {
  const graph = new Graph("innerPhase", profile);
  const tokens = graph.input(
    port.tokens,
    [steps, training.batchSequences, model.sequenceLength + 1],
    "int32",
  );
  const scalars = scalarInputs(graph, [steps]);
  const state = stateInputs(graph, model);

  const body = new Graph("body", profile);
  const trip = body.input("body.trip", [], "int64");
  const condition = body.input("body.condition", [], "bool");
  const carried = stateInputs(body, model, "body.");
  const own: StepScalars = {
    learningRate: kernel.take(body, scalars.learningRate, trip),
    correction1: kernel.take(body, scalars.correction1, trip),
    correction2: kernel.take(body, scalars.correction2, trip),
  };
  const batch = kernel.take(body, tokens, trip);
  const { loss, next } = innerStep(body, model, training, carried, batch, own);
  body.output(condition, "body.goOn");
  outputState(body, model, next, "body.");
  body.output(loss, "body.loss");

  const flat = [...state.parameters, ...state.moments1, ...state.moments2];
  const results = graph.loop(graph.integer(steps), steps, flat, body);
  const count = state.parameters.length;
  const part = (index: number) => results.slice(index * count, (index + 1) * count);
  outputState(graph, model, { parameters: part(0), moments1: part(1), moments2: part(2) });
  graph.output(results[3 * count], port.losses);
  return graph;
}

/**
 * A micro-batch of an inner step. Inputs: tokens int32 [sequences, T+1], parameters, gradients so far and their count of
 * tokens; outputs: gradients of the summed loss, that sum and the count, this micro-batch's added.
 */
export function accumulationGraph(model: ModelSettings, sequences: number, profile: Profile): Graph {
  const graph = new Graph("accumulation", profile);
  const tokens = graph.input(port.tokens, [sequences, model.sequenceLength + 1], "int32");
  const before = { loss: graph.input(port.loss, []), count: graph.input(port.count, []) };
  const { loss, count, gradients } = lossWithGradients(graph, model, parameterInputs(graph, model), tokens);
  graph.output(kernel.add(graph, before.loss, kernel.multiply(graph, loss, count)), `next.${port.loss}`);
  graph.output(kernel.add(graph, before.count, count), `next.${port.count}`);
  for (const [index, { name, shape }] of parameterLayout(model).entries()) {
    const summed = kernel.multiply(graph, gradients[index], count);
    const known = graph.input(port.gradient(name), shape);
    graph.output(kernel.add(graph, known, summed), port.nextGradient(name));
  }
  return graph;
}

/** AdamW with accumulated gradients. Inputs: state, gradients, their count and the scalars; output: the state. */
export function applyGraph(model: ModelSettings, training: TrainingSettings, profile: Profile): Graph {
  const graph = new Graph("apply", profile);
  const state = stateInputs(graph, model);
  const count = graph.node("Max", [graph.input(port.count, []), graph.scalar(1)], []);
  const gradients = parameterLayout(model).map(({ name, shape }) =>
    kernel.divide(graph, graph.input(port.gradient(name), shape), count),
  );
  outputState(graph, model, adamW(graph, model, training, state, gradients, scalarInputs(graph)));
  return graph;
}

function innerStep(
  graph: Graph,
  model: ModelSettings,
  training: TrainingSettings,
  state: State,
  tokens: Value,
  scalars: StepScalars,
): { loss: Value; next: State } {
  const { loss, gradients } = lossWithGradients(graph, model, state.parameters, tokens);
  return { loss, next: adamW(graph, model, training, state, gradients, scalars) };
}

function adamW(
  graph: Graph,
  model: ModelSettings,
  training: TrainingSettings,
  { parameters, moments1, moments2 }: State,
  gradients: readonly Value[],
  scalars: StepScalars,
): State {
  const clip = clipFactor(graph, gradients, training.clipNorm);
  const derived = derivedScalars(graph, training, clip, scalars);
  const next = parameterLayout(model).map(({ role }, index) => {
    const one = {
      parameter: parameters[index],
      gradient: gradients[index],
      moment1: moments1[index],
      moment2: moments2[index],
      decays: role !== "norm",
    };
    return adamWStep(graph, training, one, derived);
  });
  return {
    parameters: next.map(({ parameter }) => parameter),
    moments1: next.map(({ moment1 }) => moment1),
    moments2: next.map(({ moment2 }) => moment2),
  };
}

function scalarInputs(graph: Graph, shape: readonly number[] = []): StepScalars {
  return {
    learningRate: graph.input(port.learningRate, shape),
    correction1: graph.input(port.correction1, shape),
    correction2: graph.input(port.correction2, shape),
  };
}

function stateInputs(graph: Graph, model: ModelSettings, prefix = ""): State {
  const inputs = (named: (name: string) => string) =>
    parameterLayout(model).map(({ name, shape }) => graph.input(prefix + named(name), shape));
  return {
    parameters: inputs(port.parameter),
    moments1: inputs(port.moment1),
    moments2: inputs(port.moment2),
  };
}

function outputState(graph: Graph, model: ModelSettings, state: State, prefix = ""): void {
  const outputs = (values: readonly Value[], named: (name: string) => string) => {
    for (const [index, { name }] of parameterLayout(model).entries()) {
      graph.output(values[index], prefix + named(name));
    }
  };
  outputs(state.parameters, port.nextParameter);
  outputs(state.moments1, port.nextMoment1);
  outputs(state.moments2, port.nextMoment2);
}
