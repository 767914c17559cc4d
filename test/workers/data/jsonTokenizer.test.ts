import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonTokenizer, TextStream, TokenizerError } from "../../../workers/data/jsonTokenizer.ts";
import { byteTokenizer, byteTokenizerConfig } from "../../../workers/model/byteTokenizer.ts";
import { trainBpe } from "../../support/bpeTokenizer.ts";

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

const bpe = jsonTokenizer(bytesOf(trainBpe("the cat sat on the mat, größer, 東京 東京 東京".repeat(8), 60)));

test("jsonTokenizer, BPE: fewer tokens than bytes, any text comes back, also token by token after a prompt", () => {
  const known = "the cat sat on the mat";
  assert.ok(bpe.encode(known).length < known.length / 2);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.nat(40), (end, cut) => {
      const text = `東京 ${end}`;
      const ids = bpe.encode(text);
      assert.equal(bpe.decode(ids), text);
      const at = Math.min(cut, ids.length);
      const prompt = bpe.decode(ids.slice(0, at));
      if (text.includes("\uFFFD") || prompt.includes("\uFFFD")) return;
      const stream = new TextStream(bpe, ids.slice(0, at));
      const pieces = ids.slice(at).map((id) => stream.push(id));
      for (const piece of pieces) assert.ok(!piece.includes("\uFFFD"), piece);
      assert.equal(prompt + pieces.join("") + stream.end(), text);
    }),
  );
});

test("TextStream, a tokenizer whose first token loses its blank, keeps it after a prompt", () => {
  const decoder = { type: "Metaspace", replacement: "▁", prepend_scheme: "always" };
  const vocab = { a: 0, b: 1, "▁": 2, "▁a": 3, "▁b": 4 };
  const model = { type: "BPE", vocab, merges: ["▁ a", "▁ b"] };
  const given = { ...byteTokenizer(), model, pre_tokenizer: decoder, decoder };
  const spaced = jsonTokenizer(bytesOf(given));
  assert.deepEqual(spaced.encode("a b"), [3, 4]);
  assert.equal(new TextStream(spaced, [3]).push(4), " b");
  assert.equal(new TextStream(spaced).push(4), "b");
});

test("encode, a text without a token, names it; tokenOf and idOf are each other's opposite", () => {
  const model = { type: "WordPiece", vocab: { a: 0 }, unk_token: "[UNK]", continuing_subword_prefix: "##" };
  const given = { ...byteTokenizer(), model, pre_tokenizer: { type: "WhitespaceSplit" }, decoder: null };
  const tokenizer = () => jsonTokenizer(bytesOf(given));
  assert.throws(() => tokenizer().encode("z"), { code: "TOKENIZER_INVALID" });
  for (let id = 0; id < bpe.vocabulary; id++) assert.equal(bpe.idOf(bpe.tokenOf(id) ?? ""), id);
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
