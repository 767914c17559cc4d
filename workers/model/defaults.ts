import type { RunManifest } from "../protocol/manifest.ts";

/** What a run decides besides its content: everything in the manifest except names, data set and θ_0. */
export type RunSettings = Omit<RunManifest, "version" | "name" | "tokenizer" | "dataset" | "genesisState">;

const innerSteps = 30;

/**
 * Settings of a run on small machines, the learning-rate schedule stretched over `rounds` rounds: 402,048 parameters in
 * 20 tensors. Measured with four miners on the default text, 18 rounds: held-out loss 5.46 to 2.32 nats per byte,
 * falling in every round; 5.41 to 2.30 from another start with random values gathered as a fifth update in the first
 * five rounds; 5.41 to 2.57 in 12 rounds with two miners. Updates of 6.7 kB after six rounds, 241 times smaller than fp32. H steps take
 * 0.9 core-seconds a miner.
 */
export function defaultRunSettings(rounds: number): RunSettings {
  const totalSteps = Math.max(1, rounds) * innerSteps;
  return {
    model: {
      family: "llama",
      vocab: 256,
      dim: 128,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      hidden: 352,
      sequenceLength: 64,
      tied: true,
      ropeTheta: 10_000,
      normEpsilon: 1e-5,
    },
    training: {
      innerSteps,
      batchSequences: 8,
      peakLearningRate: 4e-3,
      warmupSteps: Math.min(8, totalSteps),
      totalSteps,
      minLearningRateRatio: 0.2,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0.1,
      clipNorm: 1,
    },
    compression: { chunk: 4096, topK: 64, errorFeedback: 0.95 },
    outer: { learningRate: 1, gatherSize: 4, averaging: "gathered", alignment: 0.5 },
    data: { shardsPerEpoch: 4, evalSequences: 256 },
    limits: { maxUpdateBytes: 65_536 },
    beacon: { entropy: "blockhash", confirmations: 0 },
    checkpointEpochs: 2,
    scoring: {
      sampleSize: 6,
      newcomerSeats: 2,
      newcomerEpochs: 2,
      // A whole step overshoots late in a run, where honest updates then look harmful; half of one keeps them
      // above 0 and random values of the same norm below at every stage.
      evalStep: 0.5,
      // As few as tell noise from work: 0.5 % of honest updates count as negative, no random values pass, and 20 updates
      // cost a validator less than 60 % of a miner's round (docs/benchmarks.md).
      ownSequences: 4,
      randomSequences: 16,
      overlapThreshold: 0.4,
      overlapRounds: 3,
      computationDecay: 0.95,
      rating: { mu: 25, sigma: 25 / 3, beta: 7, tau: 0.1 },
      ratingShift: 25,
      gatherShare: 0.75,
      lossTolerance: 1e-6,
      // From 4.4 % on cheating loses by itself (docs/protocol/audits.md). Worker states of up to 89 M parameters.
      audit: {
        rate: 0.05,
        perRound: 2,
        decay: 0.97,
        leastOverlap: 0.95,
        leastCosine: 0.97,
        fullUpTo: 2 ** 30,
        tensors: 8,
      },
    },
  };
}
