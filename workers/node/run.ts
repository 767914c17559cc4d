import { isDeepStrictEqual } from "node:util";
import type { Hex } from "viem";
import type { RunContracts } from "../chain/run.ts";
import { DatasetReader } from "../data/datasetReader.ts";
import { parameterLayout } from "../model/layout.ts";
import type { LedgerIdentity } from "../protocol/commitment.ts";
import { FatalError } from "../protocol/errors.ts";
import { manifestHash, parseManifest, type RunManifest } from "../protocol/manifest.ts";
import type { TensorSpec } from "../protocol/tensors.ts";
import { refFor, refFromCid } from "../storage/contentRef.ts";
import type { ContentStore } from "../storage/contentStore.ts";

/** Everything that is fixed about a run, and where its content is. */
export interface Run {
  readonly contracts: RunContracts;
  readonly store: ContentStore;
  readonly manifest: RunManifest;
  readonly manifestHash: Hex;
  /** Tensors of θ in manifest order. */
  readonly specs: readonly TensorSpec[];
  /** Chain and `UpdateLedger`: what update commitments, keys and beacons are bound to. */
  readonly updates: LedgerIdentity;
  /** Chain and `WeightLedger`. */
  readonly weights: LedgerIdentity;
}

/** Largest manifest read, bytes. */
const maxManifestBytes = 1 << 20;

/**
 * Reads the manifest that stands in the registry and checks it against its hash.
 * @throws FatalError `MANIFEST_MISMATCH`; what the content store and the manifest's schema throw
 */
export async function openRun(
  contracts: RunContracts,
  store: ContentStore,
  signal: AbortSignal,
): Promise<Run> {
  const { hash, digest, size } = contracts.manifest;
  const bytes = await store.get(refFor(digest, size), { maxBytes: maxManifestBytes, signal });
  const manifest = parseManifest(bytes);
  const found = manifestHash(manifest);
  if (found !== hash) {
    throw new FatalError(
      "MANIFEST_MISMATCH",
      "the manifest's content does not hash to what stands in the registry",
      {
        data: { found, expected: hash },
        hint: "The registry was deployed with another hash than its content has: this run cannot be joined.",
      },
    );
  }
  const { chainId, addresses } = contracts;
  return {
    contracts,
    store,
    manifest,
    manifestHash: hash,
    specs: parameterLayout(manifest.model),
    updates: { chainId, ledger: addresses.updateLedger },
    weights: { chainId, ledger: addresses.weightLedger },
  };
}

/**
 * The run's data set, ready to be read.
 * @throws FatalError `TOKENIZER_MISMATCH` when it was made with another tokenizer than the run's; as `DatasetReader.open`
 */
export async function openDataset({ manifest, store }: Run, signal: AbortSignal): Promise<DatasetReader> {
  const { cid, size } = manifest.dataset;
  const dataset = await DatasetReader.open(refFromCid(cid, size), store, { signal });
  const { tokenizer } = dataset.manifest;
  if (!isDeepStrictEqual(tokenizer, manifest.tokenizer)) {
    throw new FatalError(
      "TOKENIZER_MISMATCH",
      "the data set was made with another tokenizer than the run's",
      {
        data: { dataset: tokenizer, run: manifest.tokenizer },
        hint: "The run's manifest contradicts its data set: this run cannot be joined.",
      },
    );
  }
  return dataset;
}
