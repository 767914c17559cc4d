/** How much of each contract its Solidity tests must run. Hardhat counts lines and statements, no branches, no assembly. */

export interface Coverage {
  readonly file: string;
  /** Percent. */
  readonly lines: number;
  readonly statements: number;
  readonly uncovered: string;
}

/** What holds or mints tokens, and the engine: everything. */
const whole =
  /^contracts\/(StakeManager|StakePools|CollateralVault|Emission|WeftToken|Slashing|AvailabilityChallenge|EpochEngine|governance\/\w+)\.sol$/;
const LEAST_PERCENT = 97;

/** The rows of Hardhat's coverage table. */
export function parseCoverage(output: string): Coverage[] {
  const row = /^║ (contracts\/\S+\.sol)\s+│ ([\d.]+)\s+│ ([\d.]+)\s+│ (.*?)\s*║$/gm;
  return [...output.matchAll(row)].map(([, file = "", lines, statements, uncovered = ""]) => ({
    file,
    lines: Number(lines),
    statements: Number(statements),
    uncovered,
  }));
}

/** Files below what they must reach, and `required` ones that are not in the table. */
export function checkCoverage(found: readonly Coverage[], required: readonly string[]): string[] {
  const missing = required.filter((path) => !found.some(({ file }) => file === path));
  return [
    ...missing.map((file) => `${file}: not in the report`),
    ...found.flatMap(({ file, lines, statements, uncovered }) => {
      const least = whole.test(file) ? 100 : LEAST_PERCENT;
      if (lines >= least && statements >= least) return [];
      return [
        `${file}: ${lines} % of lines, ${statements} % of statements, at least ${least} % wanted; lines ${uncovered}`,
      ];
    }),
  ];
}
