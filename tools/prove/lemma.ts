/** Proves one function of a harness: no call inside its domain ends in a failed assertion, a panic or an error. */
import { toFunctionSelector } from "viem";
import type { Harness } from "./compile.ts";
import { execute, type Path } from "./execute.ts";
import { Memory } from "./memory.ts";
import { NoFormula, script, type Theory } from "./smt.ts";
import { solve } from "./solver.ts";
import { apply, constant, evaluate, type Term, variable } from "./terms.ts";

export interface Verdict {
  readonly status: "proved" | "failed" | "undecided";
  /** Counterexample, or what the solver could not decide. */
  readonly detail: string;
  readonly paths: number;
  readonly queries: number;
}

const QUERY_MS = 180_000;
const SHORT_MS = 3_000;
/** How many conditions the first attempt on a long path keeps: those of the domain and the last ones. */
const HEAD = 6;
const TAIL = 4;
/** Numbers from which a call inside the domain is sought before the solver is asked. */
const SMALL = 4;

/** All paths of a lemma, with its parameters as variables. */
export function pathsOf(harness: Harness, name: string): Path[] {
  const lemma = harness.lemmas.get(name);
  if (lemma === undefined) throw new Error(`${harness.name} has no function ${name}`);
  const calldata = new Memory();
  calldata.write(0, apply("shl", constant(224n), constant(lemma.selector)));
  lemma.parameters.forEach(({ name: parameter, bits }, index) => {
    calldata.write(4 + 32 * index, variable(parameter, bits));
  });
  return execute(harness.runtimeCode, calldata, 4 + 32 * lemma.parameters.length);
}

/** `rejection`: signature of an error that the library may answer with, such as a constructor's check. */
export async function proveLemma(
  harness: Harness,
  name: string,
  theory: Theory,
  rejection?: string,
): Promise<Verdict> {
  const paths = pathsOf(harness, name);
  const accepted = rejection === undefined ? "" : `error ${toFunctionSelector(rejection)}`;
  let queries = 0;
  const ask = (conditions: readonly Term[], milliseconds: number) => {
    queries += 1;
    return solve(formula(theory, conditions, milliseconds));
  };
  for (const path of paths.filter(({ end, what }) => end === "violated" && what !== accepted)) {
    // What contradicts itself without some of its conditions does so with them, and long loops leave many.
    const few = path.conditions.slice(0, HEAD).concat(path.conditions.slice(HEAD).slice(-TAIL));
    if (few.length < path.conditions.length && (await ask(few, SHORT_MS)).result === "unsat") continue;
    const { result, model } = await ask(path.conditions, QUERY_MS);
    if (result === "unsat") continue;
    const status = result === "sat" ? "failed" : "undecided";
    return { status, detail: `${name}: ${path.what} ${model}`.trim(), paths: paths.length, queries };
  }
  // An empty domain would prove anything: some call must come through.
  const returned = paths.filter(({ end }) => end === "returned");
  if (isTaken(harness, name, returned)) return { status: "proved", detail: "", paths: paths.length, queries };
  let status: Verdict["status"] = "failed";
  for (const path of returned) {
    const { result } = await ask(path.conditions, QUERY_MS);
    if (result === "sat") return { status: "proved", detail: "", paths: paths.length, queries };
    if (result === "unknown") status = "undecided";
  }
  return { status, detail: `${name}: no call inside the domain was found`, paths: paths.length, queries };
}

/** Whether calls with equal or ascending small numbers, on empty storage, take one of the paths. */
function isTaken(harness: Harness, name: string, paths: readonly Path[]): boolean {
  const parameters = harness.lemmas.get(name)?.parameters ?? [];
  for (let first = 0; first < SMALL; first++) {
    for (const step of [0, 1]) {
      const values = parameters.map(({ name: key }, index) => [key, BigInt(first + step * index)] as const);
      const variables = new Map(values);
      if (paths.some((path) => path.conditions.every((word) => evaluate(word, variables, new Map()) !== 0n)))
        return true;
    }
  }
  return false;
}

/** In bit vectors where integers have no formula. */
function formula(theory: Theory, conditions: readonly Term[], milliseconds: number): string {
  try {
    return script(theory, conditions, milliseconds);
  } catch (error) {
    if (!(error instanceof NoFormula) || theory === "bits") throw error;
    return script("bits", conditions, milliseconds);
  }
}
