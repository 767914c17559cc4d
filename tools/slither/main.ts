/**
 * Runs Slither over every contract and compares its findings with those that docs/audit/slither.json explains:
 * `npm run slither [-- --slither PATH] [--update]`. Exit code 1 for a finding without an explanation, or an explanation without
 * its finding. `--update` writes new findings into the file, to be explained by hand. Slither is a Python program
 * (`pip install slither-analyzer==0.11.6`); `.ci/run` installs it where Python can.
 */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

interface Explained {
  readonly check: string;
  readonly impact: string;
  /** Why none of these is a fault. */
  readonly why: string;
  /** `Contract.function(types)` or what else Slither names, sorted. */
  readonly where: readonly string[];
}

interface Finding {
  readonly check: string;
  readonly impact: string;
  readonly where: string;
}

const { values } = parseArgs({
  options: {
    slither: { type: "string", default: "slither" },
    update: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log("npm run slither [-- --slither PATH] [--update]");
  process.exit(0);
}

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "weft-slither-"));
const explainedFile = new URL("../../docs/audit/slither.json", import.meta.url);
try {
  const solc = join(folder, "solc");
  const script = fileURLToPath(new URL("solc.ts", import.meta.url));
  await writeFile(solc, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(solc, 0o700);
  const contracts = ["contracts", "contracts/governance"];
  const files = (
    await Promise.all(contracts.map(async (at) => (await readdir(at)).map((name) => `${at}/${name}`)))
  )
    .flat()
    .filter((name) => name.endsWith(".sol"));
  const findings = new Map<string, Finding>();
  for (const [index, file] of files.entries()) {
    for (const finding of await analyse(file, solc, join(folder, `${index}.json`))) {
      findings.set(`${finding.check} ${finding.where}`, finding);
    }
    process.stderr.write(`slither ${index + 1}/${files.length} ${file}\n`);
  }
  process.exitCode = await compare([...findings.values()]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function analyse(file: string, solc: string, json: string): Promise<Finding[]> {
  const flags = ["--filter-paths", "node_modules", "--exclude-informational", "--exclude-optimization"];
  // It exits with a code other than 0 when there are findings; the report says whether it worked.
  await run(values.slither, [file, "--solc", solc, ...flags, "--json", json]).catch(() => undefined);
  const { success, error, results } = JSON.parse(await readFile(json, "utf8"));
  if (!success) throw new Error(`slither failed on ${file}: ${error}`);
  return (results.detectors ?? []).map((one: { check: string; impact: string; description: string }) => ({
    check: one.check,
    impact: one.impact,
    where: placeOf(one.description),
  }));
}

/** The first thing that a description names, without its line numbers. */
function placeOf(description: string): string {
  const [first = ""] = description.replace(/^Reentrancy in /, "").split(/ \(contracts\//);
  return first.trim();
}

async function compare(findings: readonly Finding[]): Promise<number> {
  const explained: Explained[] = JSON.parse(await readFile(explainedFile, "utf8").catch(() => "[]"));
  const known = new Set(explained.flatMap(({ check, where }) => where.map((place) => `${check} ${place}`)));
  const found = new Set(findings.map(({ check, where }) => `${check} ${where}`));
  const fresh = findings.filter(({ check, where }) => !known.has(`${check} ${where}`));
  const gone = [...known].filter((key) => !found.has(key));
  if (values.update) {
    const checks = [...new Set(findings.map(({ check }) => check))].sort();
    const next = checks.map((check) => {
      const own = findings.filter((one) => one.check === check);
      const why = explained.find((one) => one.check === check)?.why ?? "";
      return { check, impact: own[0]?.impact, why, where: own.map(({ where }) => where).sort() };
    });
    await writeFile(explainedFile, `${JSON.stringify(next, null, 2)}\n`);
    return 0;
  }
  for (const { check, impact, where } of fresh) console.log(`not explained: ${impact} ${check} in ${where}`);
  for (const key of gone) console.log(`explained but not found: ${key}`);
  for (const { check, why } of explained) if (why === "") console.log(`no explanation of ${check}`);
  const unexplained = explained.filter(({ why }) => why === "").length;
  console.log(`slither: ${found.size} findings, ${fresh.length} without an explanation`);
  return fresh.length + gone.length + unexplained > 0 ? 1 : 0;
}
