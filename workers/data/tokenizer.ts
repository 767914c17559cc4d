/** Ids of the byte tokenizer: every byte is its own token. */
export const byteVocabulary = 256;
/** Stands after every document. No text contains it: files with a zero byte count as binary. */
export const documentEnd = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const endsAsLines = (text: string) => text.replaceAll("\0", "\n");

/** UTF-8 bytes of `text` as token ids, 0–255. */
export function encodeText(text: string): Int32Array {
  return Int32Array.from(encoder.encode(text));
}

/**
 * Text of token ids. Bytes that are no UTF-8 become U+FFFD, ends of documents a line break; ids are taken modulo 256.
 */
export function decodeTokens(tokens: ArrayLike<number>): string {
  return endsAsLines(decoder.decode(Uint8Array.from(tokens)));
}

/**
 * As `decodeTokens`, of tokens that come one after another: a character is given with its last byte. Without a token it
 * gives what is left at the end.
 */
export function textStream(): (token?: number) => string {
  const stream = new TextDecoder();
  return (token) =>
    endsAsLines(
      token === undefined ? stream.decode() : stream.decode(Uint8Array.of(token), { stream: true }),
    );
}
