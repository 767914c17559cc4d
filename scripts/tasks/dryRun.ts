import type { Outcome } from "./verb.ts";

/** Thrown in place of sending under `--dry-run`: what would have happened. */
export class DryRunEnd extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super("nothing was sent");
    this.outcome = outcome;
  }
}
