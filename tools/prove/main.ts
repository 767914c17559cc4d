/** Proves the numbered properties of docs/audit/proofs.md: `npm run prove`. Exit code 1 when one does not hold. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import hre from "hardhat";
import { check, type Outcome } from "./check.ts";
import { compile, compilerVersion } from "./compile.ts";
import { properties } from "./properties.ts";
import { solverVersion } from "./solver.ts";

const usage = `npm run prove -- [options]

Proves properties of the contracts' arithmetic for all inputs: see docs/audit/proofs.md.

  --only P3         only this property; may be repeated
  --profile NAME    build profile of hardhat.config.ts: production (as deployed) or default
  --json FILE       writes the results
  --list            prints the properties and ends
  --help            prints this`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    profile: { type: "string", default: "production" },
    json: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean" },
  },
});
if (values.help) exit(usage, 0);
if (values.list) exit(properties.map(({ number, title }) => `${number.padEnd(4)}${title}`).join("\n"), 0);

const chosen = properties.filter(({ number }) => values.only?.includes(number) ?? true);
const unknown = values.only?.find((number) => !properties.some((property) => property.number === number));
if (unknown !== undefined) exit(`there is no property ${unknown}; --list prints them`, 1);
const settings = hre.config.solidity.profiles[values.profile]?.compilers[0].settings;
if (settings === undefined) exit(`there is no build profile ${values.profile}`, 1);

const started = performance.now();
const files = [...new Set(chosen.map(({ harness }) => `proofs/${harness}.sol`))];
const harnesses = compile(
  Object.fromEntries(files.map((path) => [path, readFileSync(path, "utf8")])),
  settings,
);
const versions = { solc: compilerVersion(), z3: await solverVersion() };
console.log(`solc ${versions.solc}, ${versions.z3}, profile ${values.profile}\n`);

const outcomes: Outcome[] = [];
for (const property of chosen) {
  const harness = harnesses.get(property.harness);
  if (harness === undefined) throw new Error(`proofs/ has no contract ${property.harness}`);
  const outcome = await check(property, harness, () => performance.now());
  outcomes.push(outcome);
  const { number, title, method, result, seconds, holds } = outcome;
  console.log(`${holds ? "ok  " : "FAIL"} ${number.padEnd(4)}${title}: ${method}, ${result}, ${seconds} s`);
}
const failed = outcomes.filter(({ holds }) => !holds).length;
const seconds = Math.round((performance.now() - started) / 1000);
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ versions, profile: values.profile, seconds, outcomes }, null, 2)}\n`,
  );
exit(`\n${outcomes.length - failed} hold, ${failed} do not, ${seconds} s`, failed === 0 ? 0 : 1);

/** The solver's threads would keep the process. */
function exit(text: string, code: number): never {
  console.log(text);
  process.exit(code);
}
