import { exactTokens, weiOf } from "../format.ts";

export type AmountProblem = "EMPTY" | "NOT_AN_AMOUNT" | "ZERO" | "ABOVE_MAXIMUM";

/** What was typed as whole tokens: wei, or why it cannot be used. */
export function amountOf(
  text: string,
  maximum: bigint,
): { readonly wei: bigint } | { readonly problem: AmountProblem } {
  const typed = text
    .trim()
    .replace(/^\.(?=\d)/, "0.")
    .replace(/(?<=\d)\.$/, "");
  if (typed === "") return { problem: "EMPTY" };
  if (!/^\d{1,30}(\.\d{1,18})?$/.test(typed)) return { problem: "NOT_AN_AMOUNT" };
  const wei = weiOf(typed);
  if (wei === 0n) return { problem: "ZERO" };
  return wei > maximum ? { problem: "ABOVE_MAXIMUM" } : { wei };
}

/** What to tell the typist; nothing is said of an empty field. */
export function problemText(problem: AmountProblem, maximum: bigint): string {
  switch (problem) {
    case "EMPTY":
      return "";
    case "NOT_AN_AMOUNT":
      return "Write digits with at most 18 decimals after a point, for example 12.5.";
    case "ZERO":
      return "Write more than zero.";
    case "ABOVE_MAXIMUM":
      return `At most ${exactTokens(maximum)}.`;
  }
}

/** When stake given up in `epoch` is payable, Unix seconds: the start of the epoch after `unbondingEpochs` whole ones. */
export function releaseTime(
  clock: { readonly genesis: number; readonly period: number; readonly tempo: number },
  epoch: number,
  unbondingEpochs: number,
): number {
  return clock.genesis + (epoch + 1 + unbondingEpochs) * clock.tempo * clock.period;
}
