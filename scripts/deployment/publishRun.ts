import type { Hex } from "viem";
import { defaultRunSettings, type RunSettings } from "../../workers/model/defaults.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { readModelFolder } from "../../workers/model/modelFolder.ts";
import { openTokenizer } from "../../workers/node/runTokenizer.ts";
import { rootOf, stateContent } from "../../workers/node/stateContent.ts";
import {
  canonicalManifest,
  checkManifest,
  type ModelSettings,
  manifestHash,
  type RunManifest,
} from "../../workers/protocol/manifest.ts";
import { parameterCount } from "../../workers/protocol/tensors.ts";
import type { ContentRef, ContentStore } from "../../workers/storage/contentStore.ts";
import { runDataset } from "./runDataset.ts";

export interface PublishRunOptions {
  readonly store: ContentStore;
  /** File or folder of text; undefined = text of the installed packages. */
  readonly data: string | undefined;
  /** A data set that `publish-dataset` made, instead of text. */
  readonly dataset?: ContentRef | undefined;
  /** Folder of a model to go on training, as θ_0; undefined = the default model, drawn from the seed. */
  readonly model?: string | undefined;
  /** Seed of θ_0. */
  readonly seed: string;
  /** Rounds the learning-rate schedule is stretched over. */
  readonly rounds: number;
  /** Miners expected: that many seats in the gather set and in each evaluation, within bounds. */
  readonly miners?: number;
  /** Changes the default settings. */
  readonly settings?: ((defaults: RunSettings) => RunSettings) | undefined;
  /** The manifest's `overlap`; left out of it where undefined or 0. */
  readonly overlap?: number;
  readonly signal: AbortSignal;
}

/** A run's content, published, and what stands on chain about it. */
export interface PublishedRun {
  readonly manifest: RunManifest;
  readonly manifestHash: Hex;
  readonly manifestRef: ContentRef;
  readonly trainingTokens: number;
  readonly heldOutTokens: number;
  readonly shards: number;
  readonly parameters: number;
}

/** Updates aggregated, and evaluated, in a round at most: what one machine's validators keep up with. */
const mostSeats = 20;

/** Parameters for each byte that an update may take: twice what one of the default compression takes. */
const parametersPerUpdateByte = 28;

/**
 * Publishes data set, θ_0 and manifest of a run, with the default model or a given one. The run's tokenizer is the data
 * set's, or the model's for text; the default model gets as many tokens as it has.
 * @throws as `runDataset`; ModelConfigError, SafetensorsError, TokenizerError and ManifestError for a model that is damaged or
 *   has fewer tokens than its text
 */
export async function publishRun(options: PublishRunOptions): Promise<PublishedRun> {
  const { store, rounds, seed, overlap = 0, signal } = options;
  const change = options.settings ?? ((unchanged) => unchanged);
  const defaults = change(settingsFor(rounds, options.miners ?? 0));
  const given = options.model === undefined ? undefined : await readModelFolder(options.model, signal);
  const width = (given?.model ?? defaults.model).sequenceLength + 1;
  const { data } = options;
  const dataset = await runDataset({ store, dataset: options.dataset, data, model: given, width, signal });
  const model = given?.model ?? {
    ...defaults.model,
    vocab: Math.max(defaults.model.vocab, dataset.vocabulary),
  };
  const settings = { ...defaults, ...sizedFor(model, defaults) };
  const specs = parameterLayout(settings.model);
  const theta = given?.theta ?? initialState(settings.model, seedNumber(seed));
  const genesis = await store.put(stateContent(theta), { signal });
  const manifest = checkManifest({
    version: 1,
    name: "weft-local",
    ...settings,
    ...(overlap === 0 ? {} : { overlap }),
    tokenizer: dataset.manifest.tokenizer,
    dataset: { cid: dataset.ref.cid, size: dataset.ref.size },
    genesisState: { cid: genesis.cid, size: genesis.size, root: rootOf(specs, theta) },
  });
  await openTokenizer(manifest, store, signal);
  return {
    manifest,
    manifestHash: manifestHash(manifest),
    manifestRef: await store.put(canonicalManifest(manifest), { signal }),
    trainingTokens: dataset.manifest.shards.reduce((sum, { tokens }) => sum + tokens, 0),
    heldOutTokens: dataset.manifest.heldOut.tokens,
    shards: dataset.manifest.shards.length,
    parameters: parameterCount(specs),
  };
}

/** What follows from the size of a model. */
function sizedFor(model: ModelSettings, { limits }: RunSettings): Pick<RunSettings, "model" | "limits"> {
  const bytes = Math.ceil(parameterCount(parameterLayout(model)) / parametersPerUpdateByte);
  return { model, limits: { ...limits, maxUpdateBytes: Math.max(limits.maxUpdateBytes, bytes) } };
}

function settingsFor(rounds: number, miners: number): RunSettings {
  const { outer, scoring, ...settings } = defaultRunSettings(rounds);
  const gatherSize = Math.min(mostSeats, Math.max(outer.gatherSize, miners));
  const sampleSize = Math.min(mostSeats, Math.max(scoring.sampleSize, miners + scoring.newcomerSeats));
  return { ...settings, outer: { ...outer, gatherSize }, scoring: { ...scoring, sampleSize } };
}

/** 32 bits of a seed's text (FNV-1a). */
function seedNumber(seed: string): number {
  return [...Buffer.from(seed, "utf8")].reduce(
    (hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0,
    0x811c9dc5,
  );
}
