/**
 * Runs the Solidity tests with coverage and fails where they leave too much out: `npm run coverage [-- --json FILE]`. All
 * lines and statements of what holds or mints tokens and of `EpochEngine`, 97 % of any other contract.
 */
import { spawn } from "node:child_process";
import { glob, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { checkCoverage, parseCoverage } from "./checks/coverage.ts";

const { values } = parseArgs({
  options: { json: { type: "string" }, help: { type: "boolean", default: false } },
});
if (values.help) {
  console.log("npm run coverage [-- --json FILE]");
  process.exit(0);
}

const cli = "node_modules/hardhat/dist/src/cli.js";
const hardhat = ["--config", "tools/coverageConfig.ts", "--coverage", "test", "solidity"];
const child = spawn(process.execPath, [cli, ...hardhat], { stdio: ["ignore", "pipe", "inherit"] });
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
const problems = checkCoverage(found, await contractsWithCode());
for (const { file, lines, statements } of found) {
  console.log(`${file.padEnd(44)}${lines.toFixed(2).padStart(8)}${statements.toFixed(2).padStart(8)}`);
}
for (const problem of problems) console.log(`FAIL ${problem}`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ files: found, problems }, null, 2)}\n`);
}
process.exit(problems.length > 0 ? 1 : 0);

/** Every file in which a function has a body: interfaces, constants and types have nothing to run. */
async function contractsWithCode(): Promise<string[]> {
  const paths = (await Array.fromAsync(glob("contracts/**/*.sol"))).sort();
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  const body = /\b(function|constructor|modifier)\b[^;{]*\{/;
  return paths.filter((_, index) => body.test(texts[index]!.replace(/\/\/.*$/gm, "")));
}
