import type { RoundPage, UpdateRow } from "../../workers/projector/api.ts";

export interface LossPair {
  readonly before: number;
  readonly after: number;
}

/** Losses as validators report them; undefined for anything else. */
export function lossesOf(losses: unknown): { readonly own: LossPair; readonly random: LossPair } | undefined {
  const own = pairOf(fieldOf(losses, "own"));
  const random = pairOf(fieldOf(losses, "random"));
  return own === undefined || random === undefined ? undefined : { own, random };
}

/** The lower median, null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** Median over validators of how much an update lowers the loss on a kind of text; null where nobody measured it. */
export function loweringOf({ evaluations }: UpdateRow, kind: "own" | "random"): number | null {
  return medianOf(
    evaluations.flatMap(({ losses }) => {
      const pair = lossesOf(losses)?.[kind];
      return pair === undefined ? [] : [pair.before - pair.after];
    }),
  );
}

/** Every penalty that some validator named, once. */
export function penaltiesOf({ evaluations }: UpdateRow): string[] {
  return [...new Set(evaluations.flatMap(({ penalties }) => penalties))];
}

export interface RoundTotals {
  readonly committed: number;
  readonly revealed: number;
  readonly gathered: number;
  /** Of what was revealed. */
  readonly bytes: number;
}

export function totalsOf({ updates }: RoundPage): RoundTotals {
  const revealed = updates.filter(({ revealedAt }) => revealedAt !== null);
  return {
    committed: updates.length,
    revealed: revealed.length,
    gathered: updates.filter(({ outcome }) => outcome === "gathered").length,
    bytes: revealed.reduce((sum, update) => sum + update.bytes, 0),
  };
}

/** Uids of a round's updates that an attestation lacks, ascending. */
export function lackingOf(
  { updates }: RoundPage,
  { uids }: RoundPage["attestations"][number],
): readonly number[] {
  const held = new Set(uids);
  const lacking = updates.map(({ uid }) => uid).filter((uid) => !held.has(uid));
  return lacking.sort((a, b) => a - b);
}

function pairOf(value: unknown): LossPair | undefined {
  const before = fieldOf(value, "before");
  const after = fieldOf(value, "after");
  return typeof before === "number" && typeof after === "number" ? { before, after } : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
