import { createHash } from "node:crypto";
import { uniform } from "../workers/model/initialState.ts";

/** Seeded draws: the same name gives the same sequence everywhere. */
export interface Draws {
  /** In [0, 1). */
  readonly uniform: () => number;
  /** Standard normal. */
  readonly normal: () => number;
}

/** Draws that depend on the name alone, by Box and Muller where normal. */
export function drawsOf(name: string): Draws {
  const next = uniform(createHash("sha256").update(name).digest().readUInt32LE());
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return { uniform: next, normal };
}
