import { cpuProfile, type Profile } from "./profiles.ts";

/** Element types the writer knows, with their number in ONNX's `TensorProto.DataType`. */
export const ELEMENT_TYPES = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;
export type Shape = readonly number[];

/** An edge of the graph: what one node produces and others consume. Shapes are static. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
}

/** Attribute of a node. A bare number is an INT and a bare array INTS, as almost all are; others say so. */
export type Attribute = number | readonly number[] | { readonly float: number } | { readonly graph: Graph };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface Constant extends Value {
  readonly data: Uint8Array;
}

/** Operators of onnxruntime that are not in the ONNX standard. */
export const MICROSOFT_DOMAIN = "com.microsoft";

export interface NodeOptions {
  readonly attributes?: Attributes;
  readonly type?: ElementType;
  readonly domain?: string;
}

/** A graph under construction. Nodes are kept in the order they were added, which is a topological one. */
export class Graph {
  readonly name: string;
  /** The provider it is built for: kernels choose operators by it. */
  readonly profile: Profile;
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  /** Names that values get on leaving the graph; the writer puts them in place of the values' own. */
  readonly exposedNames = new Map<string, string>();
  readonly #produced = new Set<string>();
  readonly #shared = new Map<string, Value>();
  #counter = 0;

  constructor(name: string, profile: Profile = cpuProfile) {
    this.name = name;
    this.profile = profile;
  }

  input(name: string, shape: Shape, type: ElementType = "float32"): Value {
    const value = { name, shape, type };
    this.inputs.push(value);
    return value;
  }

  /** Exposes `value` under `name`. Renaming needs no copy; only inputs, constants and second names do. */
  output(value: Value, name: string): void {
    const free = this.#produced.has(value.name) && !this.exposedNames.has(value.name);
    const source = free ? value : this.node("Identity", [value], value.shape);
    this.exposedNames.set(source.name, name);
    this.outputs.push({ ...value, name });
  }

  /** One node with one result of the given shape; the element type is the first input's unless `type` is given. */
  node(operator: string, inputs: readonly Value[], shape: Shape, options: NodeOptions = {}): Value {
    return this.nodeWithResults(operator, inputs, [shape], options)[0];
  }

  /** One node with several results, all of one element type. */
  nodeWithResults(
    operator: string,
    inputs: readonly Value[],
    shapes: readonly Shape[],
    options: NodeOptions = {},
  ): Value[] {
    const type = options.type ?? inputs[0].type;
    const results = shapes.map((shape): Value => ({ name: this.#fresh(operator), shape, type }));
    this.nodes.push({
      operator,
      domain: options.domain ?? "",
      inputs: inputs.map((input) => input.name),
      outputs: results.map(({ name }) => name),
      attributes: options.attributes ?? {},
    });
    for (const { name } of results) this.#produced.add(name);
    return results;
  }

  /**
   * Runs `body` `trips` times: a `Loop`. Body inputs: trip number int64 [], a condition bool [], what is carried; body
   * outputs: the condition, what is carried next, then per trip results, which come out stacked along a new first axis.
   * Inside, values of this graph can be used by name.
   * @param trips int64 []
   * @param count how often it runs, for the shapes of stacked results
   */
  loop(trips: Value, count: number, carried: readonly Value[], body: Graph): readonly Value[] {
    const [, ...results] = body.outputs;
    const values = results.map((result, index): Value => {
      const shape = index < carried.length ? result.shape : [count, ...result.shape];
      return { name: this.#fresh("Loop"), shape, type: result.type };
    });
    this.nodes.push({
      operator: "Loop",
      domain: "",
      inputs: [trips.name, "", ...carried.map(({ name }) => name)],
      outputs: values.map(({ name }) => name),
      attributes: { body: { graph: body } },
    });
    for (const { name } of values) this.#produced.add(name);
    return values;
  }

  /** A constant tensor, row-major. */
  constant(data: Float32Array | Int32Array | BigInt64Array, shape: Shape): Value {
    const type = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "int64";
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const value: Constant = { name: this.#fresh("constant"), shape, type, data: bytes };
    this.constants.push(value);
    return value;
  }

  /** A fp32 scalar; equal scalars are one constant. */
  scalar(value: number): Value {
    return this.#once(`scalar ${value}`, () => this.constant(Float32Array.of(value), []));
  }

  /** A vector of int64, as axes and shapes are given; equal vectors are one constant. */
  integers(values: readonly number[]): Value {
    return this.#once(`integers ${values}`, () =>
      this.constant(BigInt64Array.from(values.map(BigInt)), [values.length]),
    );
  }

  /** Token ids in the profile's type; equal ones are one constant. */
  ids(values: readonly number[], shape: Shape = [values.length]): Value {
    return this.#once(`ids ${values} ${shape}`, () => this.constant(this.#idArray(values), shape));
  }

  /** The ids 0 … count − 1 in the given shape; equal ones are one constant. */
  everyId(count: number, shape: Shape): Value {
    const values = Array.from({ length: count }, (_, id) => id);
    return this.#once(`everyId ${shape}`, () => this.constant(this.#idArray(values), shape));
  }

  /** An int64 scalar; equal scalars are one constant. */
  integer(value: number): Value {
    return this.#once(`integer ${value}`, () => this.constant(BigInt64Array.of(BigInt(value)), []));
  }

  #idArray(values: readonly number[]): Int32Array | BigInt64Array {
    return this.profile.idType === "int64" ? BigInt64Array.from(values.map(BigInt)) : Int32Array.from(values);
  }

  #once(key: string, make: () => Value): Value {
    const known = this.#shared.get(key);
    if (known) return known;
    const value = make();
    this.#shared.set(key, value);
    return value;
  }

  #fresh(prefix: string): string {
    // With the graph's name: names of a graph within a graph must not repeat the outer one's.
    return `${this.name}.${prefix}_${this.#counter++}`;
  }
}
