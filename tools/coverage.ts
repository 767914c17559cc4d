/**
 * Runs the Solidity tests with coverage and fails where they leave too much out: `npm run coverage [-- --json FILE]`. All
 * lines and statements of what holds or mints tokens and of `EpochEngine`, 97 % of any other contract.
 */
import { spawn } from "node:child_process";
import { glob, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { checkCoverage, parseCoverage } from "./checks/coverage.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, help: { type: "boolean", default: false } },
});
if (values.help) {
  console.log("npm run coverage [-- --json FILE]");
  process.exit(0);
}

const hardhat = ["node_modules/hardhat/dist/src/cli.js", "test", "solidity", "--coverage"];
const child = spawn(process.execPath, hardhat, { stdio: ["ignore", "pipe", "inherit"] });
let output = "";
child.stdout.setEncoding("utf8").on("data", (text: string) => {
  output += text;
});
const exitCode = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)));
if (exitCode !== 0) {
  console.log(output);
  process.exit(exitCode);
}
const found = parseCoverage(output);
// Interfaces, files of constants and types of one line have nothing to run.
const engaged = (await Array.fromAsync(glob("contracts/{*,governance/*}.sol"))).filter(
  (path) => found.some(({ file }) => file === path) || !path.includes("/I"),
);
const problems = checkCoverage(found, engaged);
for (const { file, lines, statements } of found) {
  console.log(`${file.padEnd(44)}${lines.toFixed(2).padStart(8)}${statements.toFixed(2).padStart(8)}`);
}
for (const problem of problems) console.log(`FAIL ${problem}`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ files: found, problems }, null, 2)}\n`);
}
process.exit(problems.length > 0 ? 1 : 0);
