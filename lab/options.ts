import { resolve } from "node:path";
import { Command } from "commander";
import { collect, optionsOrHelp, requireWithin, wholeNumber } from "../workers/cli/commandLine.ts";
import { FatalError } from "../workers/protocol/errors.ts";
import { attackOf, attacks } from "./attacks.ts";

/** What `npm run lab` was asked for. Paths are absolute. */
export interface LabOptions {
  readonly list: boolean;
  /** Names of attacks; all unless given. */
  readonly attacks: readonly string[];
  /** Share of attackers; each attack's own unless given. */
  readonly fraction: number | undefined;
  readonly seeds: number;
  /** Attacks played at the same time, each in a process of its own. */
  readonly jobs: number;
  /** Folder that keeps each result: what is there is not played again. */
  readonly dir: string;
  readonly json: string | undefined;
}

const bounds = { seeds: [1, 100], jobs: [1, 64] } as const;

/**
 * Options from a command line; undefined after `--help`.
 * @throws FatalError `UNKNOWN_ATTACK`, `FRACTION_INVALID`, `OPTION_OUT_OF_RANGE`, `OPTION_INVALID`
 */
export function parseLabOptions(argv: readonly string[]): LabOptions | undefined {
  const program = new Command("npm run lab --")
    .description("Plays attacks against scoring, consensus and contracts, and measures what they earn.")
    .option("--list", "name every attack and end", false)
    .option("--attack <name>", "play this attack only; may be repeated", collect, [])
    .option("--fraction <f>", "share of the miners, or of the stake, that attacks: 0 < f < 1")
    .option("--seeds <n>", "seeds per attack", wholeNumber, 3)
    .option("--jobs <n>", "attacks at the same time", wholeNumber, 2)
    .option("--dir <dir>", "folder of the single results; what is there is not played again", ".weft/lab")
    .option("--json <file>", "write all results as JSON")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const given = optionsOrHelp("npm run lab --", () =>
    program.parse(argv, { from: "user" }).opts<{
      readonly list: boolean;
      readonly attack: readonly string[];
      readonly fraction?: string;
      readonly seeds: number;
      readonly jobs: number;
      readonly dir: string;
      readonly json?: string;
    }>(),
  );
  if (given === undefined) return undefined;
  for (const name of ["seeds", "jobs"] as const) {
    const [least, most] = bounds[name];
    requireWithin(name, given[name], least, most);
  }
  const names = given.attack.length === 0 ? attacks.map(({ name }) => name) : given.attack;
  return {
    list: given.list,
    attacks: names.map((name) => attackOf(name).name),
    fraction: given.fraction === undefined ? undefined : fractionOf(given.fraction),
    seeds: given.seeds,
    jobs: given.jobs,
    dir: resolve(given.dir),
    json: given.json === undefined ? undefined : resolve(given.json),
  };
}

/** @throws FatalError `FRACTION_INVALID` unless 0 < fraction < 1 */
export function fractionOf(text: string): number {
  const fraction = Number(text);
  if (text.trim() !== "" && fraction > 0 && fraction < 1) return fraction;
  throw new FatalError("FRACTION_INVALID", `"${text}" is no share of the participants`, {
    data: { given: text },
    hint: "Give a number between 0 and 1, for example --fraction 0.3.",
  });
}
