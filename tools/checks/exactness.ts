/**
 * What two machines must compute to the bit uses only operations whose result IEEE 754 or ECMAScript fixes. Powers,
 * logarithms and the like are the engine's choice in their last bits.
 */
import { glob, readFile } from "node:fs/promises";

/** Rooms and files whose results stand in state roots, in updates, in evaluation logs or on chain. */
export const exactSources: readonly string[] = [
  "workers/codec/**/*.ts",
  "workers/evaluation/**/*.ts",
  "workers/protocol/**/*.ts",
  "workers/training/{clipping,errorFeedback,outerStep,trialStep}.ts",
];

const exactFunctions = [
  "abs",
  "ceil",
  "clz32",
  "floor",
  "fround",
  "imul",
  "max",
  "min",
  "round",
  "sign",
  "sqrt",
  "trunc",
];
const mathUse = /\bMath\.(\w+)/g;
const mathTaken = /\{([^}]*)\}\s*=\s*Math\b/g;
/** `2 ** 24`: a constant power of two. Any other power may differ in its last bit. */
const constantPower = /\b2n? \*\* \d+n?\b/g;

/** Uses of inexact functions or powers in a source text, one line each. */
export function inexactUses(source: string): string[] {
  return source.split("\n").flatMap((line, index) => {
    const code = line.replace(/^\s*\/?\*.*$|\/\/.*$/, "");
    const taken = [...code.matchAll(mathTaken)].flatMap(([, names]) => names.match(/\w+/g) ?? []);
    const uses = [
      ...[...code.matchAll(mathUse)].filter(([, name]) => !exactFunctions.includes(name)).map(([use]) => use),
      ...taken.filter((name) => !exactFunctions.includes(name)),
    ];
    if (code.replace(constantPower, "").includes("**")) uses.push("**");
    return uses.map((use) => `${index + 1}: ${use}`);
  });
}

/** Inexact arithmetic in `exactSources`, one line each. */
export async function checkExactness(): Promise<string[]> {
  const violations: string[] = [];
  for await (const path of glob([...exactSources])) {
    const uses = inexactUses(await readFile(path, "utf8"));
    violations.push(...uses.map((use) => `${path}:${use}`));
  }
  return violations.sort();
}
