/** Wall clock, randomness and the network come in through constructors; only `workers/runtime` touches them. */
import { glob, readFile } from "node:fs/promises";

const ambient = /\bb(Date\.now|new Date\(\)|Math\.random|(?<![.#\w])fetch\(|performance\.now)/;

/** Lines under `workers/` outside `runtime/` that use an ambient source, one line each. */
export async function checkPurity(): Promise<string[]> {
  const violations: string[] = [];
  for await (const path of glob("workers/**/*.ts")) {
    if (path.startsWith("workers/runtime/")) continue;
    const lines = (await readFile(path, "utf8")).split("\n");
    lines.forEach((line, index) => {
      const match = ambient.exec(line.replace(/\/\/.*$|^\s*\*.*$/, ""));
      if (match !== null) violations.push(`${path}:${index + 1}: ${match[1]}`);
    });
  }
  return violations.sort();
}
