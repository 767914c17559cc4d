import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtobufWriter } from "../../../workers/onnx/protobuf.ts";

const hex = (writer: ProtobufWriter) => Buffer.from(writer.finish()).toString("hex");

test("ProtobufWriter.integer, values of the encoding guide, writes its bytes", () => {
  assert.equal(hex(new ProtobufWriter().integer(1, 150)), "089601");
  assert.equal(hex(new ProtobufWriter().integer(1, 0)), "0800");
  assert.equal(hex(new ProtobufWriter().integer(1, 127)), "087f");
  assert.equal(hex(new ProtobufWriter().integer(1, 128)), "088001");
});

test("ProtobufWriter.integer, negative, takes ten bytes", () => {
  assert.equal(hex(new ProtobufWriter().integer(1, -2)), "08feffffffffffffffff01");
});

test("ProtobufWriter.integer, a field above 15, takes a two-byte key", () => {
  assert.equal(hex(new ProtobufWriter().integer(20, 2)), "a00102");
});

test("ProtobufWriter.string and message, values of the encoding guide, write length and bytes", () => {
  assert.equal(hex(new ProtobufWriter().string(2, "testing")), "120774657374696e67");
  const inner = new ProtobufWriter().integer(1, 150);
  assert.equal(hex(new ProtobufWriter().message(3, inner)), "1a03089601");
});

test("ProtobufWriter.float, any value, is little-endian", () => {
  assert.equal(hex(new ProtobufWriter().float(2, 1.5)), "150000c03f");
});
