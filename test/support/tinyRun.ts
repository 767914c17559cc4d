import type { Document } from "../../workers/data/documents.ts";
import { publishDataset } from "../../workers/data/publishDataset.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { rootOf } from "../../workers/node/stateContent.ts";
import { type AuditSettings, checkManifest, type RunManifest } from "../../workers/protocol/manifest.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { proseOf } from "./prose.ts";
import { tinyModel, tinyTraining } from "./tinyModel.ts";

/** θ_0 of the tiny run. */
export const tinyGenesis: Tensors = initialState(tinyModel, 1);

/** Every update is audited, by re-execution. */
export const auditAll: AuditSettings = {
  rate: 1,
  perRound: 8,
  decay: 0.97,
  leastOverlap: 0.95,
  leastCosine: 0.97,
  fullUpTo: 2 ** 20,
  tensors: 4,
};

/**
 * Puts data set and θ_0 of a run with the tiny model into the store; gives its manifest, which is not stored. Without
 * audits and overlap unless they are given.
 */
export async function publishTinyRun(
  store: ContentStore,
  signal: AbortSignal,
  audit?: AuditSettings,
  overlap?: RunManifest["overlap"],
): Promise<RunManifest> {
  const corpus = {
    training: [prose(1, 64_000)],
    heldOut: [prose(2, 8_000)],
    dropped: { duplicates: 0, leaks: 0 },
  };
  const width = tinyModel.sequenceLength + 1;
  const { ref } = await publishDataset(corpus, store, { minTokens: width, shardTokens: 8_192, signal });
  const genesis = await store.put(bytesOf(tinyGenesis), { signal });
  const root = rootOf(parameterLayout(tinyModel), tinyGenesis);
  const settings = defaultRunSettings(9);
  const { audit: _, ...scoring } = settings.scoring;
  return checkManifest({
    version: 1,
    name: "tiny",
    ...settings,
    ...(overlap === undefined ? {} : { overlap }),
    // Sequences are short here: as many tokens as the default run evaluates on.
    // Honest updates of one round share up to 0.41 of their positions in so small a model; what is copied shares all.
    scoring: {
      ...scoring,
      randomSequences: 192,
      overlapThreshold: 0.7,
      ...(audit === undefined ? {} : { audit }),
    },
    model: tinyModel,
    // Enough work in a round that it stands out from chance from the first one on.
    training: { ...tinyTraining, innerSteps: 24, peakLearningRate: 1e-2, warmupSteps: 2, totalSteps: 9 * 24 },
    tokenizer: { kind: "bytes" },
    dataset: { cid: ref.cid, size: ref.size },
    genesisState: { cid: genesis.cid, size: genesis.size, root },
  });
}

/** fp32 little-endian, tensors one after another. */
export function bytesOf(theta: Tensors): Uint8Array {
  return Buffer.concat(
    theta.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

function prose(seed: number, length: number): Document {
  const text = new TextEncoder().encode(`${proseOf(seed, length)}\n`);
  return { group: `text ${seed}`, path: `${seed}.txt`, text };
}
