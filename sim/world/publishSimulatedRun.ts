import { labText } from "../../lab/training/labText.ts";
import { publishDataset } from "../../workers/data/publishDataset.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { rootOf, stateContent } from "../../workers/node/stateContent.ts";
import { checkManifest, type ModelSettings, type RunManifest } from "../../workers/protocol/manifest.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";

/** As small as a llama gets: 3,000 parameters. */
const model: ModelSettings = {
  family: "llama",
  vocab: 256,
  dim: 8,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  hidden: 16,
  sequenceLength: 16,
  tied: true,
  ropeTheta: 10_000,
  normEpsilon: 1e-5,
};

const innerSteps = 4;
/** Bytes of a shard, and how many there are. */
const shardBytes = 4_096;
const shards = 8;
/** Rounds over which the learning rate falls; more than any simulation plays. */
const scheduledRounds = 400;

/** Puts data set and θ_0 of a run with a very small model into the store; gives its manifest, which is not stored. */
export async function publishSimulatedRun(store: ContentStore, signal: AbortSignal): Promise<RunManifest> {
  const document = (part: string, index: number, length: number) => ({
    group: `${part} ${index}`,
    path: `${part}-${index}.txt`,
    text: labText("simulation", index, part === "training" ? 1 : 2, length),
  });
  const corpus = {
    training: Array.from({ length: shards }, (_, index) => document("training", index, shardBytes - 1)),
    heldOut: [document("held-out", 0, shardBytes)],
    dropped: { duplicates: 0, leaks: 0 },
  };
  const width = model.sequenceLength + 1;
  const { ref } = await publishDataset(corpus, store, { minTokens: width, shardTokens: shardBytes, signal });
  const theta = initialState(model, 1);
  const genesis = await store.put(stateContent(theta), { signal });
  const settings = defaultRunSettings(scheduledRounds);
  const { audit } = settings.scoring;
  if (audit === undefined) throw new Error("the default run has audits");
  return checkManifest({
    version: 1,
    name: "simulation",
    ...settings,
    model,
    data: { shardsPerEpoch: 2, evalSequences: 32 },
    training: {
      ...settings.training,
      innerSteps,
      batchSequences: 2,
      warmupSteps: 4,
      totalSteps: scheduledRounds * innerSteps,
    },
    // Block hashes hang on when a block is mined; prevrandao is drawn from the seed.
    beacon: { entropy: "prevrandao", confirmations: 0 },
    // So small a model's honest updates share many positions; what is copied shares all.
    scoring: { ...settings.scoring, overlapThreshold: 0.9, audit: { ...audit, rate: 0.25 } },
    tokenizer: { kind: "bytes" },
    dataset: { cid: ref.cid, size: ref.size },
    genesisState: { cid: genesis.cid, size: genesis.size, root: rootOf(parameterLayout(model), theta) },
  });
}
