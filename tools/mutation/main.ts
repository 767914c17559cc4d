/** `npm run test:mutation`: changes the contracts in small ways and counts which changes their tests notice. */
import { readFileSync, writeFileSync } from "node:fs";
import { mutated } from "./mutants.ts";
import { help, type Options, readOptions } from "./options.ts";
import { Pool } from "./pool.ts";
import { type Candidates, FOLDER, type Prepared, prepare } from "./prepare.ts";
import {
  countsOf,
  type Explanations,
  LEAST_SCORE,
  percent,
  type Run,
  render,
  scoreOf,
  survivorsOf,
} from "./report.ts";
import { ResultFile } from "./results.ts";
import { quotas } from "./sample.ts";
import { Schedule } from "./schedule.ts";
import { targets } from "./targets.ts";

const names = targets.map(({ name }) => name);
const options = readOptions(process.argv.slice(2), names);
if (options === undefined) console.log(help);
else process.exitCode = await main(options);

async function main(options: Options): Promise<number> {
  const prepared = prepare(targets);
  const chosen = prepared.candidates.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const shares = quotas(
    options.count,
    chosen.map(({ mutants }) => mutants.length),
  );
  if (options.list) return list(chosen, shares);

  const file = new ResultFile(`${FOLDER}/results.jsonl`, prepared.state);
  const schedule = new Schedule(chosen, shares, options.resume ? file.read() : new Map());
  console.log(`Sample of ${prepared.seed.slice(0, 16)}; first the suites without a mutant`);
  const pool = new Pool(prepared.benchFile(), options.timeoutMs);
  let interrupted = false;
  process.once("SIGINT", () => {
    interrupted = true;
    schedule.stop();
    pool.close();
  });
  try {
    await checkUnmutated(pool, chosen);
    const works = Array.from({ length: options.workers }, () => work(prepared, schedule, pool, file));
    await Promise.all(works);
  } catch (error) {
    if (!interrupted) throw error;
  } finally {
    pool.close();
  }
  const run: Run = {
    seed: prepared.seed,
    targets: chosen.map(({ name, mutants }, k) => ({ name, candidates: mutants.length, quota: shares[k] })),
    results: schedule.results(),
  };
  const explanations: Explanations = JSON.parse(readFileSync("docs/audit/survivors.json", "utf8"));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
  if (options.report !== undefined) writeFileSync(options.report, render(run, names, explanations));
  const passed = conclude(run, explanations);
  if (interrupted) console.log("Interrupted; --resume goes on.");
  return interrupted ? 130 : passed ? 0 : 1;
}

/** A test that fails without any mutant would kill them all. */
async function checkUnmutated(pool: Pool, chosen: readonly Candidates[]): Promise<void> {
  const suites = [...new Set(chosen.flatMap((target) => target.suites))];
  const { by } = await pool.ask({ kind: "check", suites });
  if (by !== undefined) throw new Error(`Without a mutant: ${by}`);
  console.log(`${suites.length} suites pass without a mutant`);
}

async function work(prepared: Prepared, schedule: Schedule, pool: Pool, file: ResultFile): Promise<void> {
  for (let next = schedule.next(); next !== undefined; next = schedule.next()) {
    const { target, suites, mutant } = next;
    const start = performance.now();
    const text = mutated(prepared.sources[mutant.path], mutant);
    const verdict = await pool.ask({ kind: "trial", trial: { path: mutant.path, text, suites } });
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const result = { target, id: mutant.id, line: mutant.line, ...verdict, seconds };
    file.append(result);
    schedule.add(result);
    console.log(`${schedule.progress()}  ${seconds.toFixed(1)} s  ${verdict.outcome}  ${mutant.id}`);
  }
}

function list(chosen: readonly Candidates[], shares: readonly number[]): number {
  chosen.forEach(({ name, mutants }, k) => {
    console.log(`${name}: ${shares[k]} of ${mutants.length}`);
    for (const { id } of mutants.slice(0, shares[k])) console.log(`  ${id}`);
  });
  return 0;
}

/** Prints the totals; false where the run does not meet what is asked of it. */
function conclude(run: Run, explanations: Explanations): boolean {
  const counts = countsOf(run.results);
  const survivors = survivorsOf(run);
  const unexplained = survivors.filter(({ id }) => explanations[id] === undefined);
  const { mutants, killed, timeouts, survived } = counts;
  console.log(
    `\n${mutants} mutants, ${killed} killed (${timeouts} timeouts), ${survived} survived: ${percent(scoreOf(counts))}`,
  );
  for (const { id } of unexplained) console.log(`  not explained: ${id}`);
  return scoreOf(counts) >= LEAST_SCORE && unexplained.length === 0;
}
