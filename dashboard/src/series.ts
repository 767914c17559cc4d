import type { EpochRow, Network, RoundRow } from "../../workers/projector/api.ts";
import { weiOf } from "./format.ts";

export type XAxis = "round" | "tokens" | "hours";

/** A curve's values by position; null leaves a gap. */
export type Values = readonly (number | null)[];

/**
 * The x of each round: its number; tokens of all updates revealed before it; hours from genesis to its start.
 */
export function xOf(rounds: readonly RoundRow[], axis: XAxis, network: Network): number[] {
  if (axis === "round") return rounds.map(({ round }) => round);
  if (axis === "hours") return rounds.map(({ start }) => (start - network.clock.genesis) / 3600);
  return rounds.map(({ revealsBefore }) => revealsBefore * network.training.tokensPerUpdate);
}

/** Mean bytes of a revealed update; null without one. */
export function meanUpdateBytes({ reveals, bytes }: RoundRow): number | null {
  return reveals === 0 ? null : bytes / reveals;
}

/** Rounds that are known, with fresh ones in place of those of the same number and after them; ascending. */
export function mergeRounds(known: readonly RoundRow[], fresh: readonly RoundRow[]): readonly RoundRow[] {
  const from = fresh[0]?.round;
  return from === undefined ? known : [...known.filter(({ round }) => round < from), ...fresh];
}

/** Bytes of the dense model over the mean bytes of an update; null without an update. */
export function compressionRatio(round: RoundRow, denseBytes: number): number | null {
  const mean = meanUpdateBytes(round);
  return mean === null || mean === 0 ? null : denseBytes / mean;
}

const communication = ["store", "transaction", "fetch"];

/** Share of a miner's busy seconds (without idle ones) that went into storing, sending and fetching; null unreported. */
export function communicationShare({ seconds }: RoundRow): number | null {
  if (seconds === null) return null;
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (seconds[name] ?? 0), 0);
  const busy = sum(Object.keys(seconds).filter((name) => name !== "idle"));
  return busy <= 0 ? null : sum(communication) / busy;
}

/** Total issued after each settled epoch, in tokens, such that the last is what is issued now. */
export function issuedAfter(epochs: readonly EpochRow[], issued: string): number[] {
  let after = weiOf(issued);
  const sums: number[] = [];
  for (const { minted } of epochs.toReversed()) {
    sums.unshift(Number(after / 10n ** 12n) / 1e6);
    after -= weiOf(minted);
  }
  return sums;
}

/** The last value that is not null, with its position. */
export function lastOf(values: Values): { readonly index: number; readonly value: number } | undefined {
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index];
    if (value !== null) return { index, value };
  }
  return undefined;
}
