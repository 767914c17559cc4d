import { resolve } from "node:path";
import { Command } from "commander";
import { collect, optionsOrHelp, requireWithin, wholeNumber } from "../workers/cli/commandLine.ts";
import { FatalError } from "../workers/protocol/errors.ts";
import { calmRounds, type Trouble, troubles } from "./plan.ts";

/** What `npm run sim` was asked for. Paths are absolute. */
export interface SimOptions {
  readonly seeds: readonly number[];
  readonly rounds: number;
  /** Kinds of trouble that there are. */
  readonly only: readonly Trouble[];
  /** Real training in place of invented updates. */
  readonly training: boolean;
  /** Seeds played at the same time, each in a process of its own. */
  readonly jobs: number;
  /** File that every line of a single seed is written to. */
  readonly trace: string | undefined;
  /** File that failing seeds are added to; none where they are not kept. */
  readonly record: string | undefined;
  readonly json: string | undefined;
}

const most = { seeds: 100_000, rounds: 400, jobs: 64 } as const;

/**
 * Options from a command line; undefined after `--help`.
 * @throws FatalError `OPTION_OUT_OF_RANGE`, `OPTION_INVALID`
 */
export function parseSimOptions(argv: readonly string[]): SimOptions | undefined {
  const program = new Command("npm run sim --")
    .description(
      "Plays whole networks on simulated time, real contracts and the workers' own code, with failures drawn from a seed, and checks after each round what must always hold.",
    )
    .option("--seed <n>", "play this seed; may be repeated", collectNumber, [])
    .option("--seeds <n>", "play so many seeds (default: 5)", wholeNumber)
    .option("--from <n>", "the first of them", wholeNumber, 1)
    .option(
      "--rounds <n>",
      `rounds of each, more than ${calmRounds}: the last ones are calm`,
      wholeNumber,
      40,
    )
    .option(
      "--only <kind>",
      `leave out all trouble but this: ${troubles.join(", ")}; may be repeated`,
      collect,
      [],
    )
    .option("--training", "train a small model in place of invented updates", false)
    .option("--jobs <n>", "seeds at the same time", wholeNumber, 2)
    .option("--trace <file>", "write everything that happens in a single seed, one line each")
    .option("--no-record", "do not add failing seeds to test/sim/regression-seeds.txt")
    .option("--json <file>", "write the reports as JSON")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const given = optionsOrHelp("npm run sim --", () =>
    program.parse(argv, { from: "user" }).opts<{
      readonly seed: readonly number[];
      readonly seeds?: number;
      readonly from: number;
      readonly rounds: number;
      readonly only: readonly string[];
      readonly training: boolean;
      readonly jobs: number;
      readonly trace?: string;
      readonly record: boolean;
      readonly json?: string;
    }>(),
  );
  if (given === undefined) return undefined;
  const seeds = seedsOf(given);
  requireWithin("seeds", seeds.length, 1, most.seeds);
  requireWithin("rounds", given.rounds, calmRounds + 1, most.rounds);
  requireWithin("jobs", given.jobs, 1, most.jobs);
  if (given.trace !== undefined && seeds.length > 1)
    throw new FatalError("OPTION_INVALID", "--trace needs a single seed", { hint: "Give it with --seed N." });
  return {
    seeds,
    rounds: given.rounds,
    only: given.only.length === 0 ? troubles : given.only.map(troubleOf),
    training: given.training,
    jobs: given.jobs,
    trace: given.trace === undefined ? undefined : resolve(given.trace),
    record: given.record ? resolve("test/sim/regression-seeds.txt") : undefined,
    json: given.json === undefined ? undefined : resolve(given.json),
  };
}

function seedsOf({ seed, seeds, from }: { seed: readonly number[]; seeds?: number; from: number }): number[] {
  if (seed.length === 0) return Array.from({ length: seeds ?? 5 }, (_, index) => from + index);
  if (seeds === undefined) return [...seed];
  throw new FatalError("OPTION_INVALID", "--seed and --seeds exclude each other", {
    hint: "Give single seeds with --seed, or a range with --seeds and --from.",
  });
}

function troubleOf(name: string): Trouble {
  const trouble = troubles.find((known) => known === name);
  if (trouble !== undefined) return trouble;
  throw new FatalError("OPTION_INVALID", `"${name}" is no kind of trouble`, {
    data: { given: name },
    hint: `Give one of ${troubles.join(", ")} with --only.`,
  });
}

function collectNumber(value: string, previous: readonly number[]): number[] {
  return [...previous, wholeNumber(value)];
}
