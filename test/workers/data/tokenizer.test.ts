import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import {
  byteVocabulary,
  decodeTokens,
  documentEnd,
  encodeText,
  textStream,
} from "../../../workers/data/tokenizer.ts";

it("encodeText then decodeTokens, any text without a zero, returns it", () => {
  const text = fc.string({ unit: "grapheme" }).filter((each) => !each.includes("\0"));
  fc.assert(
    fc.property(text, (each) => {
      const tokens = encodeText(each);
      assert.ok(tokens.every((token) => token >= 0 && token < byteVocabulary));
      assert.equal(decodeTokens(tokens), each);
    }),
    { seed: 5, numRuns: 200 },
  );
});

it("decodeTokens, ends of documents and broken UTF-8, gives line breaks and replacement characters", () => {
  assert.equal(decodeTokens([104, 105, documentEnd, 0xff, 104]), "hi\n\uFFFDh");
});

it("textStream, any tokens one by one, gives what decodeTokens gives, characters whole", () => {
  const tokens = fc.oneof(fc.uint8Array(), fc.string({ unit: "grapheme" }).map(encodeText));
  fc.assert(
    fc.property(tokens, (each) => {
      const stream = textStream();
      const parts = [...each].map((token) => stream(token));
      assert.equal([...parts, stream()].join(""), decodeTokens(each));
    }),
    { seed: 6, numRuns: 200 },
  );
  const stream = textStream();
  assert.deepEqual([...encodeText("é!")].map(stream), ["", "é", "!"]);
});
