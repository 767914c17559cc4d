import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { adversaryNames } from "../../lab/adversaries/registry.ts";
import { requireWithin, wholeNumber } from "../../workers/cli/commandLine.ts";
import { FatalError } from "../../workers/protocol/errors.ts";

/** What `npm start` was asked for. Paths are absolute. */
export interface LocalnetOptions {
  /** Rounds to run before the summary; at least one epoch has to settle. */
  readonly rounds: number;
  readonly miners: number;
  readonly validators: number;
  readonly adversaries: readonly string[];
  /** Training text; undefined = the default corpus. */
  readonly data: string | undefined;
  /** Folder of a model to go on training; undefined = a new one. */
  readonly model: string | undefined;
  readonly seed: string;
  readonly dir: string;
  readonly report: string | undefined;
  readonly port: number;
  /** Of the dashboard and its API on 127.0.0.1; 0 = without. */
  readonly dashboardPort: number;
  /** Chain and dashboard go on after the summary. */
  readonly stay: boolean;
}

/** The round in whose course the first epoch settles (tempo 3): shorter runs would end without a reward. */
export const minRounds = 6;

/** Parses the command line. Throws {@link FatalError} with what to do next; `--help` prints and exits. */
export function parseOptions(argv: readonly string[]): LocalnetOptions {
  const program = new Command("npm start --")
    .description("Starts a local network of real processes that train one model, and ends with a summary.")
    .option("--rounds <n>", `rounds to run, at least ${minRounds}`, wholeNumber, 18)
    .option("--miners <n>", "honest miners", wholeNumber, 4)
    .option("--validators <n>", "validators, with different stakes", wholeNumber, 2)
    .option(
      "--adversaries <names>",
      `comma-separated, of: ${adversaryNames().join(", ")}; '' for none`,
      "copycat,noise",
    )
    .option(
      "--data <path>",
      "file or folder of .txt .md .jsonl .ts .sol … (default: text of the installed packages)",
    )
    .option("--model <dir>", "folder of a model to go on training (default: a new one)")
    .option("--seed <s>", "seed of keys, initial model and sampling", "weft")
    .option("--dir <dir>", "folder for keys, content, logs and the model", ".weft/localnet")
    .option("--report <file>", "write the report as JSON")
    .option("--port <n>", "port of the local chain on 127.0.0.1", wholeNumber, 8545)
    .option("--dashboard-port <n>", "port of the dashboard on 127.0.0.1; 0 for none", wholeNumber, 8600)
    .option("--stay", "leave chain and dashboard running after the summary, until Ctrl-C", false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  program.parse(argv, { from: "user" });
  const given = program.opts<Omit<LocalnetOptions, "adversaries"> & { adversaries: string }>();
  const adversaries = given.adversaries.split(",").filter((name) => name.trim() !== "");
  const options = { ...given, adversaries: adversaries.map((name) => name.trim()), dir: resolve(given.dir) };
  check(options);
  return {
    ...options,
    data: options.data === undefined ? undefined : resolve(options.data),
    model: options.model === undefined ? undefined : resolve(options.model),
    report: options.report === undefined ? undefined : resolve(options.report),
  };
}

function check(options: LocalnetOptions): void {
  const { rounds, miners, validators, adversaries, port, dashboardPort } = options;
  const bounds: readonly (readonly [name: string, value: number, least: number, most: number])[] = [
    ["rounds", rounds, minRounds, 10_000],
    // Together no more than the local parameters' uids.
    ["miners", miners, 1, 48],
    ["validators", validators, 1, 8],
    ["adversaries", adversaries.length, 0, 8],
    ["port", port, 1, 65_535],
    ["dashboard-port", dashboardPort, 0, 65_535],
  ];
  for (const bound of bounds) requireWithin(...bound);
  for (const name of adversaries) {
    if (!adversaryNames().includes(name)) {
      throw new FatalError("UNKNOWN_ADVERSARY", `there is no adversary called "${name}"`, {
        data: { name, known: adversaryNames() },
        hint: `Known are: ${adversaryNames().join(", ")}. Use --adversaries '' for none.`,
      });
    }
  }
  requireWritable(options.dir, "dir");
  // Known now rather than after the run.
  if (options.report !== undefined) requireWritable(dirname(resolve(options.report)), "report");
}

/** Makes the missing levels one by one: where a file system refuses new entries, `recursive` may never return. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function requireWritable(folder: string, option: string): void {
  try {
    makeFolder(folder);
    readdirSync(folder);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new FatalError("FOLDER_UNWRITABLE", `cannot write to ${folder}`, {
      cause,
      data: { folder },
      hint: `Give a folder you may write to with --${option}.`,
    });
  }
}
