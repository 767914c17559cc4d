/** Wall clock, randomness and the network come in through constructors; only `workers/runtime` touches them. */
import { glob, readFile } from "node:fs/promises";

const ambient = /\b(Date\.now|new Date\(\)|Math\.random|(?<![.#\w])fetch\(|performance\.now)/;

/** Uses of an ambient source in `text`, each as `line: what`; comments do not count. */
export function ambientUses(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const match = ambient.exec(line.replace(/\/\/.*$|^\s*\*.*$/, ""));
    return match === null ? [] : [`${index + 1}: ${match[1]}`];
  });
}

/** Lines under `workers/` outside `runtime/` that use an ambient source, one line each. */
export async function checkPurity(): Promise<string[]> {
  const violations: string[] = [];
  for await (const path of glob("workers/**/*.ts")) {
    if (path.startsWith("workers/runtime/")) continue;
    violations.push(...ambientUses(await readFile(path, "utf8")).map((use) => `${path}:${use}`));
  }
  return violations.sort();
}
