import { publishDataset } from "../../workers/data/publishDataset.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { rootOf } from "../../workers/node/stateContent.ts";
import { checkManifest, type RunManifest } from "../../workers/protocol/manifest.ts";
import { parameterCount } from "../../workers/protocol/tensors.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { labText } from "./labText.ts";

const model = {
  family: "llama",
  vocab: 256,
  dim: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  hidden: 64,
  sequenceLength: 32,
  tied: true,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
} as const;

/** θ's values: a llama of 27,000. */
export const parameters = parameterCount(parameterLayout(model));
export const innerSteps = 10;
/** A run of a few epochs sees what the default 5 % do in dozens of rounds (docs/protocol/audits.md). */
export const audits = { rate: 0.5, perRound: 8 };
/** Bytes a shard, one dialect each. */
const shardBytes = 8_192;
const dialects = 12;
/** Language that all of a run's text is in. */
export const language = "lab";

/** Puts data set and θ_0 of a training-tier run into the store; gives its manifest, which is not stored. */
export async function publishLabRun(
  store: ContentStore,
  seed: number,
  rounds: number,
  signal: AbortSignal,
): Promise<RunManifest> {
  const document = (part: string, dialect: number, length: number) => ({
    group: `${part} ${dialect}`,
    path: `${part}-${dialect}.txt`,
    text: labText(language, dialect, part === "training" ? 1 : 2, length),
  });
  const parts = Array.from({ length: dialects }, (_, dialect) => dialect);
  const corpus = {
    training: parts.map((dialect) => document("training", dialect, shardBytes - 1)),
    heldOut: parts.map((dialect) => document("held-out", dialect, shardBytes / 8)),
    dropped: { duplicates: 0, leaks: 0 },
  };
  const minTokens = model.sequenceLength + 1;
  const { ref } = await publishDataset(corpus, store, { minTokens, shardTokens: shardBytes, signal });
  const theta = initialState(model, seed);
  const bytes = Buffer.concat(theta.map((tensor) => Buffer.from(tensor.buffer)));
  const genesis = await store.put(bytes, { signal });
  const settings = defaultRunSettings(rounds);
  return checkManifest({
    version: 1,
    name: "laboratory",
    ...settings,
    data: { shardsPerEpoch: 2, evalSequences: 64 },
    // Sequences are half as long as the default run's: twice as many tell work from noise as well.
    scoring: {
      ...settings.scoring,
      ownSequences: 16,
      randomSequences: 64,
      overlapThreshold,
      ...(settings.scoring.audit === undefined ? {} : { audit: { ...settings.scoring.audit, ...audits } }),
    },
    model,
    // Block hashes hang on when a block is mined; the simulated chain draws prevrandao from a seed of its own.
    beacon: { entropy: "prevrandao", confirmations: 0 },
    // Slow enough that the loss still falls at the end: where it stands still, no update can be told from noise.
    training: {
      ...settings.training,
      innerSteps,
      peakLearningRate: Math.min(4e-3, 0.06 / rounds),
      warmupSteps: 4,
      totalSteps: rounds * innerSteps,
    },
    tokenizer: { kind: "bytes" },
    dataset: { cid: ref.cid, size: ref.size },
    genesisState: {
      cid: genesis.cid,
      size: genesis.size,
      root: rootOf(parameterLayout(model), theta),
    },
  });
}

/** As in the default run: none of 630 honest updates of this model was taken for a copy (docs/attacks.md). */
export const overlapThreshold = 0.4;
