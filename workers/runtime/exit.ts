import { WeftError } from "../protocol/errors.ts";
import { Interrupted } from "./shutdown.ts";

/** sysexits' EX_TEMPFAIL: the same command may succeed later. */
export const EXIT_RETRYABLE = 75;
export const EXIT_FATAL = 1;

/** What a person sees of an error that ended a command. */
export interface ErrorReport {
  readonly exitCode: number;
  /** Lines for standard error, without a trailing newline; empty when there is nothing to say. */
  readonly text: string;
}

/**
 * Words and exit code for an error: message, hint, cause in one line each. Stack traces only with `debug`. An
 * interruption by the user is no error: code 0 and no words.
 */
export function reportError(error: unknown, debug: boolean): ErrorReport {
  if (error instanceof Interrupted) return { exitCode: 0, text: "" };
  const trace = debug && error instanceof Error ? `\n${traceOf(error)}` : "";
  if (error instanceof WeftError) {
    const hint = error.hint === undefined ? "" : `\n  ${error.hint}`;
    const exitCode = error.retryable ? EXIT_RETRYABLE : EXIT_FATAL;
    return { exitCode, text: `Error: ${error.message} [${error.code}]${hint}${trace}` };
  }
  const message = error instanceof Error ? firstLine(error.message) : firstLine(String(error));
  const hint = debug ? "" : "\n  This is unexpected. Set WEFT_DEBUG=1 to see where it comes from.";
  return { exitCode: EXIT_FATAL, text: `Error: ${message}${hint}${trace}` };
}

/** Runs a command to its end: prints what went wrong, sets the exit code, never throws. */
export async function runToExit(main: () => Promise<void>): Promise<void> {
  // Whoever read our lines (`| head`) has read enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  try {
    await main();
  } catch (error) {
    const { exitCode, text } = reportError(error, isDebug());
    if (text !== "") process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}

function isDebug(): boolean {
  const value = process.env.WEFT_DEBUG;
  return value !== undefined && value !== "" && value !== "0";
}

function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${traceOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}
