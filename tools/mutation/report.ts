/** The report of a run: counts per contract and every survivor with its explanation. */
import type { Result } from "./results.ts";

export interface Run {
  /** sha256 of `contracts/`, the sample's seed. */
  readonly seed: string;
  /** Contracts in the order of the table, with the number of mutants that their source has. */
  readonly targets: readonly { readonly name: string; readonly candidates: number; readonly quota: number }[];
  readonly results: readonly Result[];
}

export interface Counts {
  readonly mutants: number;
  /** Timeouts included. */
  readonly killed: number;
  readonly timeouts: number;
  readonly survived: number;
  readonly invalid: number;
  readonly equivalent: number;
}

/** Explanations of survivors by mutant id. */
export type Explanations = Readonly<Record<string, string>>;

export const FULL_SAMPLE = 150;
export const LEAST_SCORE = 0.92;

export function countsOf(results: readonly Result[]): Counts {
  const count = (outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const [timeouts, survived] = [count("timeout"), count("survived")];
  const killed = count("killed") + timeouts;
  const [invalid, equivalent] = [count("invalid"), count("equivalent")];
  return { mutants: killed + survived, killed, timeouts, survived, invalid, equivalent };
}

/** Killed mutants of all that count, 1 where there are none. */
export function scoreOf({ mutants, killed }: Pick<Counts, "mutants" | "killed">): number {
  return mutants === 0 ? 1 : killed / mutants;
}

export function survivorsOf({ results }: Run): Result[] {
  return results.filter(({ outcome }) => outcome === "survived");
}

/** Why a run does not stand for the whole, or undefined. */
export function partialBecause(run: Run, allTargets: readonly string[]): string | undefined {
  const missing = allTargets.filter((name) => !run.targets.some((target) => target.name === name));
  if (missing.length > 0) return `${missing.join(", ")} not in it`;
  const { mutants } = countsOf(run.results);
  const asked = run.targets.reduce((sum, { quota }) => sum + quota, 0);
  return mutants < Math.max(FULL_SAMPLE, asked) ? `${mutants} mutants of at least ${FULL_SAMPLE}` : undefined;
}

export function render(run: Run, allTargets: readonly string[], explanations: Explanations): string {
  const partial = partialBecause(run, allTargets);
  const rows = run.targets.map(({ name, candidates }) => {
    const counts = countsOf(run.results.filter(({ target }) => target === name));
    return row(name, candidates, counts);
  });
  const all = countsOf(run.results);
  const candidates = run.targets.reduce((sum, target) => sum + target.candidates, 0);
  return `# Mutation testing

Written by \`npm run test:mutation -- --report docs/audit/mutation.md\`; survivors are explained in \`survivors.json\` beside it.
${partial === undefined ? "" : `\n**Partial**: ${partial}.\n`}
A mutant is one small change of a contract: another comparison, another sign, a check or statement left out, a literal one
off. It is killed when a Solidity test of the contract fails, and survives when all pass, first with few random cases and
then with as many as \`npx hardhat test solidity\` takes. TypeScript tests are not run. Contracts are compiled with the
settings of \`hardhat.config.ts\`; suites deploy them from their artifacts instead of carrying their code
(\`tools/mutation/linking.ts\`). Which mutants are tried follows from the hash of \`contracts/\`:
\`${run.seed.slice(0, 16)}\`.

| contract | possible | tried | killed | of these timeouts | survived | score |
|---|---|---|---|---|---|---|
${[...rows, row("all", candidates, all)].join("\n")}

Not counted: ${all.invalid} that do not compile and ${all.equivalent} that compile to the code of the original.

## Survivors

${survivorSection(survivorsOf(run), explanations)}
`;
}

function row(name: string, candidates: number, counts: Counts): string {
  const { mutants, killed, timeouts, survived } = counts;
  return `| ${[name, candidates, mutants, killed, timeouts, survived, percent(scoreOf(counts))].join(" | ")} |`;
}

export function percent(score: number): string {
  return `${(100 * score).toFixed(1)} %`;
}

function survivorSection(survivors: readonly Result[], explanations: Explanations): string {
  if (survivors.length === 0) return "None.";
  return survivors
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, line }) => `- ${id} (line ${line})\n  \n  ${explanations[id] ?? "**Not explained.**"}`)
    .join("\n");
}
