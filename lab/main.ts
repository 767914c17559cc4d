/** `npm run lab`: plays attacks and measures what they earn. */
import { runToExit } from "../workers/runtime/exit.ts";
import { requireWritableFile } from "../workers/runtime/files.ts";
import { installShutdown } from "../workers/runtime/shutdown.ts";
import { attacks } from "./attacks.ts";
import { parseLabOptions } from "./options.ts";
import { writeResults } from "./result.ts";
import { jobsOf, playAll } from "./runner.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

await runToExit(async () => {
  const options = parseLabOptions(process.argv.slice(2));
  if (options === undefined) return;
  if (options.list) {
    for (const { name, tier, fraction, description } of attacks)
      say(`${name.padEnd(18)} ${tier.padEnd(9)} ${fraction.toFixed(2)}  ${description}`);
    return;
  }
  const shutdown = installShutdown();
  try {
    // Known now rather than after an hour.
    if (options.json !== undefined) await requireWritableFile(options.json);
    const results = await playAll(jobsOf(options), options.jobs, say, shutdown.signal);
    if (options.json !== undefined) await writeResults(options.json, results);
  } finally {
    shutdown.dispose();
  }
});
