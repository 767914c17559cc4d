import type { Life } from "./supervised.ts";

/** Why a worker did not do what was due in a span of time. */
export type Loss =
  /** It died within. */
  | "died"
  /** It had died before, and was not back when the span began. */
  | "not back"
  /** It had died before, was back in time, and had not shown that it works. */
  | "after"
  /** It had shown that it works since it last started: the machine was too slow, or the chain. */
  | "machine";

/** A span of time in which something was due, Unix seconds, until excluded. */
export interface Due {
  readonly from: number;
  readonly until: number;
  readonly there: boolean;
}

/**
 * What explains each of the spans, in order; undefined where what was due is there.
 * @param proofs spans by which a worker shows that it works again; the same where they are not given
 */
export function explainLosses(
  lives: readonly Readonly<Life>[],
  dues: readonly Due[],
  proofs: readonly Due[] = dues,
): (Loss | undefined)[] {
  return dues.map((due) => (due.there ? undefined : explain(lives, due, proofs)));
}

function explain(lives: readonly Readonly<Life>[], { from, until }: Due, proofs: readonly Due[]): Loss {
  if (lives.some(({ died }) => died !== undefined && died.at >= from && died.at < until)) return "died";
  const life = lives.findLast(({ startedAt }) => startedAt < until);
  const joinedAt = life?.joinedAt ?? Number.POSITIVE_INFINITY;
  if (joinedAt > from) return "not back";
  const done = proofs.some((proof) => proof.there && proof.until > joinedAt && proof.until <= until);
  return done ? "machine" : "after";
}
