import { resolve } from "node:path";
import { FatalError } from "../protocol/errors.ts";
import { runToExit } from "../runtime/exit.ts";
import { writeFileAtomic } from "../runtime/files.ts";
import { installShutdown } from "../runtime/shutdown.ts";
import { wholeIn } from "./optionValues.ts";
import { replayJson, replayLines } from "./replayReport.ts";
import { replayScore } from "./replayScore.ts";
import { type GivenLocation, locateRun, runCommand } from "./runOptions.ts";

interface Given extends GivenLocation {
  readonly uid?: string;
  readonly round?: string;
  readonly validator?: string;
  readonly all: boolean;
  readonly book?: string;
  readonly folder?: string;
  readonly threads: string;
  readonly json?: string;
}

const command = runCommand(
  "replay",
  "Recomputes what a validator found about a miner in a round, from the chain, the content and the validator's evaluation log. Ends with 0 when it is identical, with 1 where it differs.",
)
  .option("--uid <uid>", "whose score")
  .option("--round <round>", "of which round")
  .option("--validator <uid>", "uid of the validator that scored")
  .option("--all", "compute everybody's losses again, not this uid's alone", false)
  .option("--book <file>", "a validator's own evaluations.sqlite instead of its published log")
  .option(
    "--folder <dir>",
    "where the model's states are kept for the next replay (default: replay in --dir)",
  )
  .option("--threads <n>", "threads for the losses", "1")
  .option("--json <file>", "also write the result there, as JSON");

await runToExit(async () => {
  command.parse();
  const given = command.opts<Given>();
  const most = 255;
  const request = {
    uid: wholeIn("--uid", required("--uid", given.uid), 0, most),
    round: wholeIn("--round", required("--round", given.round), 0, Number.MAX_SAFE_INTEGER),
    validator: wholeIn("--validator", required("--validator", given.validator), 0, most),
    all: given.all,
    book: given.book === undefined ? undefined : resolve(given.book),
    folder: resolve(given.folder ?? `${given.dir}/replay`),
    threads: wholeIn("--threads", given.threads, 1, 256),
  };
  const location = await locateRun(given);
  const shutdown = installShutdown();
  try {
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    const replayed = await replayScore({ ...location, ...request }, say, shutdown.signal);
    if (given.json !== undefined) {
      const text = `${JSON.stringify(replayJson(request, replayed), null, 2)}\n`;
      await writeFileAtomic(resolve(given.json), [Buffer.from(text)]);
    }
    process.stdout.write(`${replayLines(request, replayed).join("\n")}\n`);
    if (replayed.difference !== undefined) process.exitCode = 1;
  } finally {
    shutdown.dispose();
  }
});

function required(option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new FatalError("OPTION_MISSING", `${option} is missing`, {
    hint: "Say whose score: --uid U --round R --validator V, all of them numbers that npx hardhat metagraph shows.",
  });
}
