import { byteTokenizer } from "../../workers/model/byteTokenizer.ts";

/** Words as byte-level tokenizers cut them: a blank goes with the letters after it. */
const words = / ?\p{L}+| ?[^\s\p{L}]+|\s+/gu;
export const endToken = "<|endoftext|>";

/**
 * A `tokenizer.json` as Hugging Face's trainers write it: byte-level BPE with `merges` merges, the most frequent pair of the
 * text first, and one special token that ends documents.
 */
export function trainBpe(text: string, merges: number): Readonly<Record<string, unknown>> {
  const bytes = byteTokenizer();
  const { vocab } = bytes.model as { vocab: Record<string, number> };
  // By id: keys that are digits come first otherwise.
  const symbols = Object.keys(vocab).sort((a, b) => vocab[a] - vocab[b]);
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  let corpus = [...counts].map(([word, count]) => ({
    parts: [...new TextEncoder().encode(word)].map((byte) => symbols[byte]),
    count,
  }));
  const made: [string, string][] = [];
  for (let number = 0; number < merges; number++) {
    const pairs = new Map<string, number>();
    for (const { parts, count } of corpus)
      for (let at = 1; at < parts.length; at++) {
        const pair = `${parts[at - 1]} ${parts[at]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    const [best] = [...pairs].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (best === undefined) break;
    const [left, right] = best[0].split(" ");
    made.push([left, right]);
    corpus = corpus.map(({ parts, count }) => ({ parts: merged(parts, left, right), count }));
  }
  const joined = made.map(([left, right]) => left + right);
  const all = [...symbols, ...joined];
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const end = { id: all.length, content: endToken, single_word: false, lstrip: false, rstrip: false };
  return {
    ...bytes,
    added_tokens: [{ ...end, normalized: false, special: true }],
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    model: {
      ...(bytes.model as object),
      vocab: Object.fromEntries(all.map((token, id) => [token, id])),
      merges: made.map((pair) => pair.join(" ")),
    },
  };
}

function merged(parts: readonly string[], left: string, right: string): string[] {
  const result: string[] = [];
  for (const part of parts) {
    if (part === right && result.at(-1) === left) result[result.length - 1] = left + right;
    else result.push(part);
  }
  return result;
}
