/** Static checks, all of them, each named: `npm run check`. Exit code 1 when one finds something. */
import { spawnSync } from "node:child_process";
import { checkExactness } from "./checks/exactness.ts";
import { checkImports } from "./checks/imports.ts";
import { checkInvariants } from "./checks/invariants.ts";
import { checkMarkup } from "./checks/markup.ts";
import { checkPurity } from "./checks/purity.ts";
import { checkSizes } from "./checks/sizes.ts";

const solidity = ["contracts/**/*.sol", "proofs/**/*.sol", "test/**/*.sol"];
const commands: readonly (readonly [string, readonly string[]])[] = [
  ["types", ["tsc"]],
  ["types of the dashboard", ["tsc", "-p", "dashboard"]],
  ["types of Svelte scripts", ["node", "tools/svelteCheck.ts"]],
  ["TypeScript format and lint", ["biome", "ci", "--reporter=summary", "."]],
  ["Solidity format", ["prettier", "--check", "--log-level=warn", ...solidity]],
  ["Solidity lint", ["solhint", "--disc", "--noPoster", "--max-warnings", "0", "contracts/**/*.sol"]],
];
const checks: readonly (readonly [string, () => Promise<string[]>])[] = [
  ["import directions", checkImports],
  ["file sizes", checkSizes],
  ["no markup from strings, no inline styles", checkMarkup],
  ["no ambient clock, randomness or network", checkPurity],
  ["exact arithmetic where machines must agree", checkExactness],
  ["numbered invariants are tested", checkInvariants],
];

let failures = 0;
for (const [name, [command, ...args]] of commands) {
  const result = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  report(
    name,
    result.status === 0 ? [] : [`${command} exits with ${result.status ?? result.error?.message}`],
  );
}
for (const [name, check] of checks) report(name, await check());
process.exit(failures > 0 ? 1 : 0);

function report(name: string, problems: readonly string[]): void {
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}`);
  for (const problem of problems) console.log(`     ${problem}`);
  failures += problems.length;
}
