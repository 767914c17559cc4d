import { readFile, writeFile } from "node:fs/promises";
import { FatalError } from "../workers/protocol/errors.ts";
import type { SimOptions } from "./options.ts";
import type { SeedReport } from "./report.ts";

/** A seed that once broke a rule. */
export interface Regression {
  readonly seed: number;
  readonly rounds: number;
}

/** Lines `seed rounds`, and comments from # on. @throws FatalError REGRESSIONS_MALFORMED */
export function parseRegressions(text: string): Regression[] {
  return text.split("\n").flatMap((line, index) => {
    const words = line.replace(/#.*/, "").trim();
    if (words === "") return [];
    const found = /^(\d+) (\d+)$/.exec(words);
    if (found === null)
      throw new FatalError("REGRESSIONS_MALFORMED", `line ${index + 1} is "${line}"`, {
        data: { line: index + 1 },
        hint: "Each line is a seed and a number of rounds; what it is about may follow after #.",
      });
    return [{ seed: Number(found[1]), rounds: Number(found[2]) }];
  });
}

/** Adds what is not there yet. Seeds that failed with some trouble left out are not replayed, so they are not kept. */
export async function addRegressions(
  file: string,
  failing: readonly SeedReport[],
  { training }: Pick<SimOptions, "training">,
): Promise<void> {
  if (training) return;
  const text = await readFile(file, "utf8").catch(() => "");
  const known = parseRegressions(text);
  const isKnown = ({ seed, rounds }: Regression) =>
    known.some((other) => other.seed === seed && other.rounds === rounds);
  const lines = failing
    .filter((report) => !isKnown(report))
    .map(
      ({ seed, rounds, violations: [{ check, round }] }) =>
        `${seed} ${rounds} # ${check} in round ${round}\n`,
    );
  await writeFile(file, text + lines.join(""));
}
