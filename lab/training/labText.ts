import { drawsOf } from "../random.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";
/** Words that all dialects share, and words of each alone. */
const sharedWords = 60;
const ownWords = 40;

/**
 * Lines of invented words, `length` bytes, the same for the same arguments. Two texts of one language share most words;
 * each dialect has words of its own, so that training on one helps most there.
 */
export function labText(language: string, dialect: number, seed: number, length: number): Uint8Array {
  const words = [
    ...wordsOf(`${language}/shared`, sharedWords),
    ...wordsOf(`${language}/${dialect}`, ownWords),
  ];
  const { uniform } = drawsOf(`${language}/${dialect}/${seed}`);
  let text = "";
  while (text.length < length) {
    // Frequent words are much more frequent than rare ones, as in a language.
    const own = uniform() < 0.5;
    const rank = Math.floor((own ? ownWords : sharedWords) * uniform() ** 2);
    text += words[own ? sharedWords + rank : rank] + (uniform() < 0.1 ? "\n" : " ");
  }
  return new TextEncoder().encode(`${text.slice(0, length - 1)}\n`);
}

function wordsOf(name: string, count: number): string[] {
  const { uniform } = drawsOf(`words/${name}`);
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + Math.floor(6 * uniform()) }, () => letters[Math.floor(26 * uniform())]).join(""),
  );
}
