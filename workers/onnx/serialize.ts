import {
  type Attribute,
  type Constant,
  ELEMENT_TYPES,
  type Graph,
  MICROSOFT_DOMAIN,
  type Node,
  type Value,
} from "./graph.ts";
import { ProtobufWriter } from "./protobuf.ts";

// Field numbers and attribute types of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
const IR_VERSION = 10;
const OPERATOR_SET = 21;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_GRAPH = 5;
const ATTRIBUTE_INTS = 7;

/** The graph as the bytes of an ONNX `ModelProto`. The same graph gives the same bytes. */
export function modelBytes(graph: Graph): Uint8Array {
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, "weft")
    .message(7, graphMessage(graph))
    .message(8, operatorSet("", OPERATOR_SET))
    .message(8, operatorSet(MICROSOFT_DOMAIN, 1))
    .finish();
}

function operatorSet(domain: string, version: number): ProtobufWriter {
  return new ProtobufWriter().string(1, domain).integer(2, version);
}

function graphMessage(graph: Graph): ProtobufWriter {
  const message = new ProtobufWriter();
  const outward = (name: string) => graph.exposedNames.get(name) ?? name;
  for (const node of graph.nodes) message.message(1, nodeMessage(node, outward));
  message.string(2, graph.name);
  for (const constant of graph.constants) message.message(5, tensorMessage(constant));
  for (const value of graph.inputs) message.message(11, valueMessage(value));
  for (const value of graph.outputs) message.message(12, valueMessage(value));
  return message;
}

function nodeMessage(node: Node, outward: (name: string) => string): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const input of node.inputs) message.string(1, outward(input));
  for (const output of node.outputs) message.string(2, outward(output));
  message.string(3, outward(node.outputs[0])).string(4, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message.message(5, attributeMessage(name, attribute));
  }
  if (node.domain !== "") message.string(7, node.domain);
  return message;
}

function attributeMessage(name: string, attribute: Attribute): ProtobufWriter {
  const message = new ProtobufWriter().string(1, name);
  if (typeof attribute === "number") return message.integer(3, attribute).integer(20, ATTRIBUTE_INT);
  if (isIntegers(attribute)) {
    for (const value of attribute) message.integer(8, value);
    return message.integer(20, ATTRIBUTE_INTS);
  }
  if ("graph" in attribute) {
    return message.message(6, graphMessage(attribute.graph)).integer(20, ATTRIBUTE_GRAPH);
  }
  return message.float(2, attribute.float).integer(20, ATTRIBUTE_FLOAT);
}

/** `Array.isArray` does not narrow readonly arrays. */
function isIntegers(attribute: Exclude<Attribute, number>): attribute is readonly number[] {
  return Array.isArray(attribute);
}

function tensorMessage(constant: Constant): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const extent of constant.shape) message.integer(1, extent);
  return message.integer(2, ELEMENT_TYPES[constant.type]).string(8, constant.name).bytes(9, constant.data);
}

function valueMessage(value: Value): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const extent of value.shape) shape.message(1, new ProtobufWriter().integer(1, extent));
  const tensor = new ProtobufWriter().integer(1, ELEMENT_TYPES[value.type]).message(2, shape);
  return new ProtobufWriter().string(1, value.name).message(2, new ProtobufWriter().message(1, tensor));
}
