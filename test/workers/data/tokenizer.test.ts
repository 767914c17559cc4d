import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { byteVocabulary, decodeTokens, documentEnd, encodeText } from "../../../workers/data/tokenizer.ts";

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
