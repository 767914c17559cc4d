/** Checks one property by all of its steps. */
import type { Harness } from "./compile.ts";
import { UnsupportedCode } from "./execute.ts";
import { ALL_U16, exhaust } from "./exhaust.ts";
import { checkFactors } from "./factors.ts";
import { proveLemma } from "./lemma.ts";
import type { Property, Step } from "./properties.ts";
import { NoFormula } from "./smt.ts";

export interface Outcome {
  readonly number: string;
  readonly title: string;
  readonly method: string;
  readonly holds: boolean;
  /** Result in words: what was proved or run, or the counterexample. */
  readonly result: string;
  readonly seconds: number;
}

const methods: Readonly<Record<Step["kind"], string>> = {
  solve: "SMT",
  exhaust: "exhaustive",
  factors: "SMT model",
};

/** `milliseconds` is a clock. */
export async function check(
  property: Property,
  harness: Harness,
  milliseconds: () => number,
): Promise<Outcome> {
  const started = milliseconds();
  const done: string[] = [];
  let problem: string | undefined;
  for (const step of property.steps) {
    const found = await checkStep(step, harness).catch(undecided);
    if (found.holds) done.push(found.result);
    else {
      problem = found.result;
      break;
    }
  }
  return {
    number: property.number,
    title: property.title,
    method: [...new Set(property.steps.map(({ kind }) => methods[kind]))].join(" + "),
    holds: problem === undefined,
    result: problem ?? done.join("; "),
    seconds: Math.round((milliseconds() - started) / 100) / 10,
  };
}

/** Code or a term beyond the prover is a property not proved. */
function undecided(error: unknown): { holds: boolean; result: string } {
  if (!(error instanceof UnsupportedCode || error instanceof NoFormula)) throw error;
  return { holds: false, result: `undecided ${error.name}: ${error.message}` };
}

async function checkStep(step: Step, harness: Harness): Promise<{ holds: boolean; result: string }> {
  if (step.kind === "solve") {
    let paths = 0;
    for (const lemma of step.lemmas) {
      const verdict = await proveLemma(harness, lemma, step.theory, step.rejection);
      paths += verdict.paths;
      if (verdict.status !== "proved") return { holds: false, result: `${verdict.status} ${verdict.detail}` };
    }
    return { holds: true, result: `proved, ${paths} paths` };
  }
  const problem = step.kind === "exhaust" ? await exhaust(harness, step.calls) : await checkFactors(harness);
  if (problem !== undefined) return { holds: false, result: `failed ${problem}` };
  return {
    holds: true,
    result: step.kind === "exhaust" ? `exhausted ${ALL_U16} cases` : "proved in the model",
  };
}
