import { CommanderError } from "commander";
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
