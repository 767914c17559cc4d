/**
 * Runs every test of the project: Solidity (unit, fuzz, invariants) in Hardhat, then TypeScript in Node's runner.
 * Ends with the line `N passed, N failed`. Arguments: `--long` runs the long suites instead, saying every minute what
 * it waits for; a path or more narrows the TypeScript part and leaves Solidity out.
 */
import { spawn } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const long = process.argv.includes("--long");
const paths = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };

if (paths.length === 0) add(await runSolidity());
add(await runTypeScript());

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

function add(part: Totals): void {
  totals.passed += part.passed;
  totals.failed += part.failed;
  totals.skipped += part.skipped;
}

/** Hardhat's own runner; its closing lines `N passing`, `N failing` and `N skipped` are counted. */
async function runSolidity(): Promise<Totals> {
  const hardhat = ["node_modules/hardhat/dist/src/cli.js", "test", "solidity"];
  const environment = long ? { ...process.env, WEFT_LONG: "1" } : process.env;
  const child = spawn(process.execPath, hardhat, { stdio: ["ignore", "pipe", "inherit"], env: environment });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const files = await solidityTests();
  let minutes = 0;
  const announce = () => {
    const waiting = files.filter((path) => !output.includes(`  ${path}:`));
    const names = waiting.slice(0, 5).map((path) => basename(path, ".t.sol"));
    const more = waiting.length > names.length ? " …" : "";
    console.log(
      `[${++minutes} min] ${waiting.length} of ${files.length} files left: ${names.join(", ")}${more}`,
    );
  };
  const progress = long ? setInterval(announce, 60_000) : undefined;
  const exitCode = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  clearInterval(progress);
  const count = (word: string) =>
    [...output.matchAll(new RegExp(`(\\d+) ${word}`, "g"))].reduce((sum, match) => sum + Number(match[1]), 0);
  const result = { passed: count("passing"), failed: count("failing"), skipped: count("skipped") };
  // A crash before the first test, or a build that fails, counts as one failure.
  if (exitCode !== 0 && result.failed === 0) result.failed = 1;
  if (exitCode === 0 && result.passed === 0) result.failed = 1;
  return result;
}

/** Files whose suites Hardhat names when they are done. */
async function solidityTests(): Promise<string[]> {
  const paths = (await Array.fromAsync(glob("test/**/*.t.sol"))).sort();
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return paths.filter((_, index) => /^\s*function (test|invariant)/m.test(texts[index]!));
}

/**
 * Long suites that take each the whole machine: networks of processes in real time. They run last, one after the other.
 */
const alone = /^test\/(e2e|scripts\/soak)\//;

/** Node's runner, one process per file; leaf tests are counted. */
async function runTypeScript(): Promise<Totals> {
  const pattern = long ? "test/**/*.long.ts" : "test/**/*.test.ts";
  const files = paths.length > 0 ? paths : (await Array.fromAsync(glob(pattern))).sort();
  const result: Totals = { passed: 0, failed: 0, skipped: 0 };
  const isAlone = (file: string) => long && alone.test(file);
  await runFiles(
    files.filter((file) => !isAlone(file)),
    2,
    result,
  );
  await runFiles(files.filter(isAlone), 1, result);
  return result;
}

async function runFiles(files: string[], concurrency: number, result: Totals): Promise<void> {
  if (files.length === 0) return;
  const stream = run({ files, concurrency, timeout: long ? 5_400_000 : 600_000 });
  stream.on("test:pass", (event) => {
    if (event.details.type === "suite") return;
    if (event.skip !== undefined) result.skipped += 1;
    else result.passed += 1;
  });
  stream.on("test:fail", (event) => {
    if (event.details.type !== "suite") result.failed += 1;
  });
  const printed = stream.compose(new spec());
  for await (const text of printed) process.stdout.write(String(text));
}
