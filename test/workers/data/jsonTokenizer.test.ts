import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonTokenizer, TextStream, TokenizerError } from "../../../workers/data/jsonTokenizer.ts";
import { byteTokenizer, byteTokenizerConfig } from "../../../workers/model/byteTokenizer.ts";

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const bytes = jsonTokenizer(bytesOf(byteTokenizer()), bytesOf(byteTokenizerConfig));

test("byteTokenizer, any text, gives its UTF-8 bytes and comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      const ids = bytes.encode(text);
      assert.deepEqual(ids, [...new TextEncoder().encode(text)]);
      assert.equal(bytes.decode(ids), text);
    }),
  );
});

test("TextStream, any text token by token, gives it whole and no half characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const stream = new TextStream(bytes);
      const pieces = bytes.encode(text).map((id) => stream.push(id));
      if (!text.includes("\uFFFD")) for (const piece of pieces) assert.ok(!piece.includes("\uFFFD"), piece);
      assert.equal(pieces.join("") + stream.end(), text);
    }),
  );
});

test("TextStream, more tokens than its window, gives all of them", () => {
  const text = "Grüße aus Köln, 東京 and elsewhere. ".repeat(40);
  const stream = new TextStream(bytes);
  const pieces = bytes.encode(text).map((id) => stream.push(id));
  assert.equal(pieces.join("") + stream.end(), text);
});

test("TextStream, bytes that are no UTF-8, gives replacement characters at the end", () => {
  const stream = new TextStream(bytes);
  assert.equal(stream.push(0x41), "A");
  assert.equal(stream.push(0xc3), "");
  assert.equal(stream.end(), "\uFFFD");
});

test("jsonTokenizer, what cannot be used, is refused", () => {
  const { model, ...rest } = byteTokenizer();
  for (const [name, wrong] of [
    ["not JSON", new TextEncoder().encode("{")],
    ["not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["not an object", bytesOf(3)],
    ["no model", bytesOf(rest)],
    ["an unknown model", bytesOf({ ...rest, model: { type: "Quantum" } })],
    ["an unknown pre-tokenizer", bytesOf({ ...rest, model, pre_tokenizer: { type: "Quantum" } })],
  ] as const)
    assert.throws(
      () => jsonTokenizer(wrong),
      (error) => error instanceof TokenizerError && error.code === "TOKENIZER_INVALID",
      name,
    );
});
