import { resolve } from "node:path";
import { Command } from "commander";
import { requireWithin } from "../../workers/cli/commandLine.ts";

/** What `npm run soak` was asked for. Paths are absolute. */
export interface SoakOptions {
  readonly minutes: number;
  readonly seed: string;
  readonly miners: number;
  readonly validators: number;
  /** Mean seconds between two kills. */
  readonly gap: number;
  readonly dir: string;
  readonly json: string | undefined;
  readonly port: number;
}

/** @throws FatalError `OPTION_OUT_OF_RANGE`; CommanderError, also after `--help` */
export function parseSoakOptions(argv: readonly string[]): SoakOptions {
  const program = new Command("npm run soak --")
    .description("Runs a local network, kills its workers at random and starts them again; says what broke.")
    .option("--minutes <n>", "how long; memory is judged from 10 minutes on", Number, 30)
    .option("--seed <s>", "seed of keys, model and kills", "weft")
    .option("--miners <n>", "miners, the first of which is never killed", Number, 3)
    .option("--validators <n>", "validators, the first of which is never killed", Number, 2)
    .option("--gap <s>", "mean seconds between two kills", Number, 20)
    .option("--dir <dir>", "folder for keys, content and logs", ".weft/soak")
    .option("--json <file>", "write what was measured as JSON")
    .option("--port <n>", "port of the local chain on 127.0.0.1", Number, 8546)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  program.parse(argv, { from: "user" });
  const given = program.opts<SoakOptions>();
  requireWithin("minutes", given.minutes, 1, 10_000);
  requireWithin("gap", given.gap, 1, 3_600);
  for (const [name, most] of [
    ["miners", 16],
    ["validators", 8],
    ["port", 65_535],
  ] as const) {
    requireWithin(name, given[name], 1, most);
    if (!Number.isInteger(given[name])) requireWithin(name, Number.NaN, 1, most);
  }
  const json = given.json === undefined ? undefined : resolve(given.json);
  return { ...given, dir: resolve(given.dir), json };
}
