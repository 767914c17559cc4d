import { fileURLToPath } from "node:url";
import { readDefaultCorpus } from "../../workers/data/corpus.ts";
import type { DatasetManifest, ShardEntry } from "../../workers/data/datasetManifest.ts";
import { DatasetReader } from "../../workers/data/datasetReader.ts";
import {
  byteDatasetTokenizer,
  type DatasetTokenizer,
  putTokenizer,
} from "../../workers/data/datasetTokenizer.ts";
import type { Corpus } from "../../workers/data/documents.ts";
import { jsonTokenizer, type TextTokenizer, TokenizerError } from "../../workers/data/jsonTokenizer.ts";
import { publishDataset } from "../../workers/data/publishDataset.ts";
import { readUserCorpus } from "../../workers/data/userCorpus.ts";
import type { ReadModel } from "../../workers/model/modelFolder.ts";
import { byteText, openTokenizer, sameVocabulary } from "../../workers/node/runTokenizer.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { ContentRef, ContentStore } from "../../workers/storage/contentStore.ts";

export interface RunDatasetOptions {
  readonly store: ContentStore;
  /** A data set that is published already; its tokenizer is the run's. */
  readonly dataset: ContentRef | undefined;
  /** File or folder of text; undefined = text of the installed packages. Not read where there is a data set. */
  readonly data: string | undefined;
  /** The model that the run goes on training, whose tokenizer the run's must be. */
  readonly model: ReadModel | undefined;
  /** Tokens of a sequence: T + 1. */
  readonly width: number;
  readonly signal: AbortSignal;
}

/** The data set of a run to be. */
export interface RunDataset {
  readonly ref: ContentRef;
  readonly manifest: DatasetManifest;
  /** Tokens that text can become. */
  readonly vocabulary: number;
}

const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));
/** Sequences that data must have for each miner to see different ones. */
const leastSequences = 64;

/**
 * The data set that is given, or text published as one, with the model's own tokenizer where it has one.
 * @throws FatalError for data that is missing, empty, binary or too small; TokenizerError for a tokenizer that cannot be used
 *   or is not the model's
 */
export async function runDataset(options: RunDatasetOptions): Promise<RunDataset> {
  const { store, dataset, model, width, signal } = options;
  const own = tokenizerOf(model);
  if (dataset !== undefined) return givenDataset(dataset, own, options);
  const tokenizer: DatasetTokenizer =
    own === undefined ? byteDatasetTokenizer : await putTokenizer(store, own.json, model?.end, signal);
  const published = await publishDataset(await readCorpus(options), store, {
    tokenizer,
    minTokens: width,
    signal,
  });
  return { ...published, vocabulary: (own?.text ?? byteText()).vocabulary };
}

async function givenDataset(
  ref: ContentRef,
  own: ModelsTokenizer | undefined,
  { store, model, width, signal }: RunDatasetOptions,
): Promise<RunDataset> {
  const { manifest } = await DatasetReader.open(ref, store, { signal });
  const { tokenizer } = manifest;
  // Its vocabulary decides the model's where none is given.
  const unbounded = { tokenizer, model: { vocab: Number.POSITIVE_INFINITY } };
  const { text } = await openTokenizer(unbounded, store, signal);
  if (model !== undefined && !sameVocabulary(text, own?.text ?? byteText()))
    throw new TokenizerError(
      "the data set's is not the model's: publish the text with the model's tokenizer.json",
    );
  requireSequences(manifest, width);
  return { ref, manifest, vocabulary: text.vocabulary };
}

interface ModelsTokenizer {
  readonly json: Uint8Array;
  readonly text: TextTokenizer;
}

/** The tokenizer of a model folder; undefined for bytes. */
function tokenizerOf(model: ReadModel | undefined): ModelsTokenizer | undefined {
  if (model?.tokenizer === undefined) return undefined;
  const { json } = model.tokenizer;
  const text = jsonTokenizer(json);
  return sameVocabulary(text, byteText()) ? undefined : { json, text };
}

function readCorpus({ data, width, signal }: RunDatasetOptions): Promise<Corpus> {
  if (data === undefined) return readDefaultCorpus(repositoryRoot, signal);
  return readUserCorpus(data, { minBytes: leastSequences * width, signal });
}

/** A miner may be assigned any shard alone, so that each must have something to train on. */
function requireSequences({ shards, heldOut }: DatasetManifest, width: number): void {
  const sequencesOf = ({ tokens }: ShardEntry) => Math.floor(tokens / width);
  const sequences = shards.reduce((sum, shard) => sum + sequencesOf(shard), 0);
  const least = Math.min(...[...shards, heldOut].map(sequencesOf));
  if (sequences >= leastSequences && least > 0) return;
  throw new FatalError(
    "DATA_TOO_SMALL",
    `the data set has ${sequences} sequences of ${width} tokens, ${least} in its smallest part`,
    {
      data: { sequences, least, neededSequences: leastSequences },
      hint: "Publish more text, or other --shard-tokens: each shard and the held-out part needs a whole sequence.",
    },
  );
}
