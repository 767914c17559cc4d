import type { ScoringSettings } from "../protocol/manifest.ts";

/** Sequences from which on a run of the evaluation graph gets no faster by more of them. */
const mostTogether = 24;

/**
 * Sequences in one run of the evaluation graph: as many as split an update's random and own sequences evenly, so that no
 * run is filled up. Part of what fixes a loss's last bits, hence the same for all who follow a manifest.
 */
export function evaluationBatch({
  randomSequences,
  ownSequences,
}: Pick<ScoringSettings, "randomSequences" | "ownSequences">): number {
  const sequences = randomSequences + ownSequences;
  return Math.ceil(sequences / Math.ceil(sequences / mostTogether));
}
