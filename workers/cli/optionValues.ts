import { FatalError } from "../protocol/errors.ts";

/** A number from the command line. @throws FatalError `OPTION_INVALID` outside [least, most] */
export function numberIn(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw invalid(option, text, `Give a number from ${least} to ${most}.`);
}

/** A whole number from the command line. @throws FatalError `OPTION_INVALID` */
export function wholeIn(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(option, text, `Give a whole number from ${least} to ${most}.`);
}

/** One of a few words from the command line. @throws FatalError `OPTION_INVALID` */
export function oneOf<T extends string>(option: string, choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw invalid(option, text, `Give one of: ${choices.join(", ")}.`);
}

function invalid(option: string, text: string, hint: string): FatalError {
  return new FatalError("OPTION_INVALID", `${option} is ${text}`, { hint });
}
