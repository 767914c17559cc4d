/** `npm run sim`: plays whole networks on simulated time, and checks what must always hold. */
import { FatalError } from "../workers/protocol/errors.ts";
import { runToExit } from "../workers/runtime/exit.ts";
import { requireWritableFile, writeFileAtomic } from "../workers/runtime/files.ts";
import { installShutdown } from "../workers/runtime/shutdown.ts";
import { parseSimOptions, type SimOptions } from "./options.ts";
import { addRegressions } from "./regressions.ts";
import type { SeedReport } from "./report.ts";
import { playSeeds } from "./runner.ts";
import { reportLine, summaryLines, violationLines } from "./sayReport.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

await runToExit(async () => {
  const options = parseSimOptions(process.argv.slice(2));
  if (options === undefined) return;
  const shutdown = installShutdown();
  const started = performance.now();
  const { seeds } = options;
  say(`${seeds.length} seeds of ${options.rounds} rounds, ${options.jobs} at a time`);
  try {
    // Known now rather than after an hour.
    for (const file of [options.json, options.trace]) if (file !== undefined) await requireWritableFile(file);
    const onReport = (report: SeedReport, done: number) => {
      say(`${`${done}/${seeds.length}`.padStart(9)}  ${reportLine(report)}`);
      for (const line of violationLines(report)) say(line);
    };
    const reports = await playSeeds(options, onReport, shutdown.signal);
    const seconds = (performance.now() - started) / 1000;
    for (const line of summaryLines(reports, seconds)) say(line);
    if (options.json !== undefined)
      await writeFileAtomic(
        options.json,
        `${JSON.stringify({ ...shared(options), seconds, reports }, undefined, 2)}\n`,
      );
    const failing = reports.filter(({ violations }) => violations.length > 0);
    if (failing.length === 0) return;
    if (options.record !== undefined) await addRegressions(options.record, failing, options);
    throw new FatalError("SIMULATION_VIOLATED", `${failing.length} of ${reports.length} seeds broke a rule`, {
      data: { seeds: failing.map(({ seed }) => seed) },
      hint: `See what happened with npm run sim -- --seed ${failing[0].seed} --rounds ${options.rounds} --trace FILE.`,
    });
  } finally {
    shutdown.dispose();
  }
});

function shared({ rounds, only, training, jobs }: SimOptions) {
  return { rounds, only, training, jobs };
}
