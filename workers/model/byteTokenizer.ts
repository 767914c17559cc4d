/**
 * `tokenizer.json` in which every byte is its own token and its id the byte: what the byte tokenizer of a run is to
 * Hugging Face's libraries. Byte-level BPE without merges.
 */
export function byteTokenizer(): Readonly<Record<string, unknown>> {
  const vocabulary = Object.fromEntries(byteSymbols().map((symbol, byte) => [symbol, byte]));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges: [],
    },
  };
}

/** `tokenizer_config.json` that goes with it. */
export const byteTokenizerConfig: Readonly<Record<string, unknown>> = {
  tokenizer_class: "PreTrainedTokenizerFast",
  clean_up_tokenization_spaces: false,
  model_max_length: 1_000_000,
};

/**
 * The character that stands for each byte in byte-level vocabularies: itself where it is printable, else one from U+0100
 * on, in order. Source: GPT-2's `bytes_to_unicode`.
 */
function byteSymbols(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    return String.fromCodePoint(printable ? byte : next++);
  });
}
