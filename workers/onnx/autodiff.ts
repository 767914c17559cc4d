import { FatalError } from "../protocol/errors.ts";
import type { Graph, Value } from "./graph.ts";
import { add } from "./kernels.ts";

/** Maps the gradient of a result to the gradients of its inputs, in order; `null` where there is none. */
export type Pullback = (gradient: Value) => readonly (Value | null)[];

interface Entry {
  readonly result: Value;
  readonly inputs: readonly Value[];
  readonly pullback: Pullback;
}

/** A gradient was asked for by a value that the loss does not depend on. */
export class UnusedParameterError extends FatalError {
  constructor(parameter: string) {
    super("GRAPH_UNUSED_PARAMETER", `The loss does not depend on ${parameter}.`, { data: { parameter } });
  }
}

/**
 * Reverse-mode differentiation that emits ONNX nodes: operators note how to pull a gradient back, and `gradients`
 * walks the notes from the end. Only what depends on a parameter is noted, so that a graph without parameters (an
 * evaluation) costs nothing.
 */
export class Tape {
  readonly graph: Graph;
  readonly #entries: Entry[] = [];
  readonly #dependent = new Set<string>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Declares a value to differentiate by. */
  parameter(value: Value): Value {
    this.#dependent.add(value.name);
    return value;
  }

  record(result: Value, inputs: readonly Value[], pullback: Pullback): Value {
    if (inputs.some((input) => this.#dependent.has(input.name))) {
      this.#dependent.add(result.name);
      this.#entries.push({ result, inputs, pullback });
    }
    return result;
  }

  /**
   * Gradient of the scalar `loss` by each of the given parameters, in their order and shapes.
   * @throws UnusedParameterError
   */
  gradients(loss: Value, parameters: readonly Value[]): Value[] {
    const gradients = new Map<string, Value>([[loss.name, this.graph.scalar(1)]]);
    for (const { result, inputs, pullback } of this.#entries.toReversed()) {
      const gradient = gradients.get(result.name);
      if (gradient === undefined) continue;
      for (const [index, contribution] of pullback(gradient).entries()) {
        const { name } = inputs[index];
        if (contribution === null || !this.#dependent.has(name)) continue;
        const known = gradients.get(name);
        gradients.set(name, known === undefined ? contribution : add(this.graph, known, contribution));
      }
    }
    return parameters.map((parameter) => {
      const gradient = gradients.get(parameter.name);
      if (gradient === undefined) throw new UnusedParameterError(parameter.name);
      return gradient;
    });
  }
}
