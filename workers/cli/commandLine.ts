import { CommanderError, InvalidArgumentError } from "commander";
import { FatalError } from "../protocol/errors.ts";

/** What is wrong with a command line that commander cannot read. */
export function unreadable(error: CommanderError, hint: string): FatalError {
  const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return new FatalError("OPTION_INVALID", message, { hint });
}

/**
 * What `parse` reads with a commander that throws instead of ending the process; undefined after `--help`, which it has
 * printed.
 * @param command as it is typed, for the hint
 * @throws FatalError `OPTION_INVALID`; what else `parse` throws
 */
export function optionsOrHelp<Options>(command: string, parse: () => Options): Options | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw unreadable(error, `See ${command} --help.`);
  }
}

/** For commander: an option's value as a whole number from `least` on. */
export function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`give a whole number from ${least} on.`);
    return value;
  };
}

/** For commander: an option's value as a whole number, 0 or more. */
export const wholeNumber = atLeast(0);

/** For commander: every value of an option that may be repeated. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** @throws FatalError `OPTION_OUT_OF_RANGE` unless least ≤ value ≤ most */
export function requireWithin(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new FatalError("OPTION_OUT_OF_RANGE", `--${name} is ${value}, allowed are ${least} to ${most}`, {
    data: { name, value, least, most },
    hint: `Run again with --${name} between ${least} and ${most}.`,
  });
}
