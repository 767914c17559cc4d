/** Lines of invented words, `length` characters in all, the same for the same seed and unlike those of another. */
export function proseOf(seed: number, length: number): string {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let text = "";
  while (text.length < length) {
    for (let letters = 2 + next(7); letters > 0; letters--) text += String.fromCharCode(97 + next(26));
    text += next(9) === 0 ? "\n" : " ";
  }
  return text.slice(0, length);
}
