/** Which mutants are tried: a sample that depends on the contracts alone, so that a run can be repeated and resumed. */
import { createHash } from "node:crypto";
import type { Mutant } from "./mutants.ts";

/** Of every contract at least so many. */
export const LEAST = 10;

/** sha256 of files' paths and texts. */
export function hashOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256");
  for (const path of Object.keys(files).sort()) hash.update(`${path}\0${files[path]}\0`);
  return hash.digest("hex");
}

/** The order in which a contract's mutants are drawn. */
export function drawn<M extends Pick<Mutant, "id">>(seed: string, mutants: readonly M[]): M[] {
  const rank = new Map(
    mutants.map(({ id }) => [id, createHash("sha256").update(`${seed} ${id}`).digest("hex")]),
  );
  return mutants.toSorted((a, b) => (rank.get(a.id)! < rank.get(b.id)! ? -1 : 1));
}

/**
 * How many mutants of each contract: `count` shared in proportion to `sizes`, at least `LEAST` and at most all of them.
 * Rounded up, so that they are `count` or a few more together where there are that many.
 */
export function quotas(count: number, sizes: readonly number[]): number[] {
  const least = Math.min(LEAST, Math.ceil(count / sizes.length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => Math.min(size, Math.max(least, Math.ceil((count * size) / total))));
}
