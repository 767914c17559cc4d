import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonTokenizer, TokenizerError } from "../../../workers/data/jsonTokenizer.ts";
import { unknownFeature } from "../../../workers/data/tokenizerFeatures.ts";
import { trainBpe } from "../../support/bpeTokenizer.ts";
import { proseOf } from "../../support/prose.ts";

const tokenizer = trainBpe(proseOf(1, 4000), 40);
const model = tokenizer.model as object;
const split = { type: "Split", pattern: { Regex: "\\p{N}{1,3}" }, behavior: "Isolated", invert: false };

test("unknownFeature, what is put to work as everywhere, is none", () => {
  for (const [name, change] of [
    ["byte-level BPE", {}],
    ["a split", { pre_tokenizer: { type: "Sequence", pretokenizers: [split, tokenizer.pre_tokenizer] } }],
    ["what is removed", { pre_tokenizer: { ...split, behavior: "Removed", invert: true } }],
    ["runs of punctuation", { pre_tokenizer: { type: "Punctuation", behavior: "Contiguous" } }],
    ["no steps", { pre_tokenizer: null, decoder: null, normalizer: null }],
  ] as const)
    assert.equal(unknownFeature({ ...tokenizer, ...change }), undefined, name);
});

test("jsonTokenizer, what its library would pass over in silence, is refused", () => {
  const added = (tokenizer.added_tokens as object[]).map((token) => ({ ...token, single_word: true }));
  const nested = (step: object) => ({
    type: "Sequence",
    pretokenizers: [{ type: "Sequence", pretokenizers: [step] }],
  });
  for (const [name, change] of [
    ["dropout", { model: { ...model, dropout: 0.1 } }],
    ["a prefix of later parts", { model: { ...model, continuing_subword_prefix: "##" } }],
    ["whole words", { model: { ...model, type: "WordLevel", unk_token: "[UNK]" } }],
    ["bytes of Unigram", { model: { type: "Unigram", vocab: [["a", 0]], unk_id: 0, byte_fallback: true } }],
    ["no added tokens", { added_tokens: undefined }],
    ["an added token that is a word", { added_tokens: added }],
    ["a merging split", { pre_tokenizer: { ...split, behavior: "MergedWithPrevious" } }],
    ["an inverted split that keeps all", { pre_tokenizer: { ...split, invert: true } }],
    ["a split without a pattern", { pre_tokenizer: nested({ ...split, pattern: {} }) }],
    ["isolated punctuation", { pre_tokenizer: nested({ type: "Punctuation", behavior: "Isolated" }) }],
    ["a blank that is not added", { pre_tokenizer: { type: "Metaspace", add_prefix_space: false } }],
    ["a replacement without a pattern", { normalizer: { type: "Replace", content: "x" } }],
  ] as const) {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...tokenizer, ...change }));
    assert.throws(() => jsonTokenizer(bytes), TokenizerError, name);
  }
});
