import type { RunSettings } from "../../workers/model/defaults.ts";
import type { NetworkProfile } from "../localnet/network.ts";

/** So small that a round is spent on chain, content and restarts rather than on training: 9,600 parameters. */
const model = { dim: 16, layers: 2, heads: 4, kvHeads: 2, hidden: 24, sequenceLength: 12 };
const innerSteps = 24;

/**
 * Rounds in which a worker that is killed and started again still reveals what it committed: the reveal phase is longer
 * than a start on a machine with other work to do.
 */
export const soakProfile: NetworkProfile = {
  timing: { commitSeconds: 5, revealSeconds: 13, period: 17 },
  settings: ({ model: defaults, training, scoring, ...settings }: RunSettings) => ({
    ...settings,
    model: { ...defaults, ...model },
    training: { ...training, innerSteps, batchSequences: 4, peakLearningRate: 6e-3 },
    // Honest updates of so small a model share many of their positions, and stand out from chance on many sequences alone.
    scoring: { ...scoring, ownSequences: 16, randomSequences: 384, overlapThreshold: 0.7 },
  }),
};
