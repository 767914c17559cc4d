/** The dashboard shows foreign text as text, and obeys `default-src 'self'`: no markup from strings, no inline styles. */
import { glob, readFile } from "node:fs/promises";

const unsafe =
  /\{@html\b|\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc)\b|\beval\(|\sstyle="/;

/** Uses of what breaks that in `text`, each as `line: what`. */
export function unsafeMarkup(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const match = unsafe.exec(line);
    return match === null ? [] : [`${index + 1}: ${match[0].trim()}`];
  });
}

/** Such lines of the dashboard, one line each. */
export async function checkMarkup(): Promise<string[]> {
  const violations: string[] = [];
  for await (const path of glob("dashboard/{index.html,src/**/*}")) {
    if (!/\.(ts|svelte|html)$/.test(path)) continue;
    violations.push(...unsafeMarkup(await readFile(path, "utf8")).map((use) => `${path}:${use}`));
  }
  return violations.sort();
}
