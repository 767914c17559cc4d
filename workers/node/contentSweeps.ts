import type { DatasetReader } from "../data/datasetReader.ts";
import { roundStart } from "../protocol/clock.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";
import { refFor, refFromCid } from "../storage/contentRef.ts";
import type { ContentRef } from "../storage/contentStore.ts";
import type { ContentKeeper } from "./contentKeeper.ts";
import type { RunFollower } from "./follower.ts";
import type { NotedStore } from "./notedStore.ts";
import type { Run } from "./run.ts";

/** Attested checkpoints whose states are kept: the last one, and the one before while others still start there. */
const keptCheckpoints = 2;

export interface ContentSweepsOptions {
  readonly run: Run;
  readonly follower: Pick<RunFollower, "history" | "now" | "untilTime">;
  readonly dataset: Pick<DatasetReader, "manifest" | "inUse">;
  readonly store: Pick<NotedStore, "round">;
  readonly keeper: Pick<ContentKeeper, "sweep">;
  readonly log: Log;
}

/** Removes, once a round, content that has to go. Runs beside a worker's duties, and never ends them. */
export class ContentSweeps {
  readonly #options: ContentSweepsOptions;

  constructor(options: ContentSweepsOptions) {
    this.#options = options;
  }

  /** Runs until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { run, follower } = this.#options;
    for (let round = follower.now()?.round ?? 0; ; round = Math.max(round + 1, follower.now()?.round ?? 0)) {
      await follower.untilTime(roundStart(run.contracts.clock, round), signal);
      await this.sweep(round, signal);
    }
  }

  /** One sweep; what goes wrong is logged. */
  async sweep(round: Round, signal: AbortSignal): Promise<void> {
    const { store, keeper, log } = this.#options;
    store.round = Math.max(store.round, round);
    try {
      await keeper.sweep(round, neededContent(this.#options), signal);
    } catch (error) {
      signal.throwIfAborted();
      log.error("the content store cannot be kept in its bounds", { round, error });
    }
  }
}

/**
 * What a worker needs whatever its age: manifest, θ_0, the dataset's manifest and tokenizer, the shards it reads, and the
 * states of the latest attested checkpoints.
 */
export function neededContent({
  run,
  follower,
  dataset,
}: Pick<ContentSweepsOptions, "run" | "follower" | "dataset">): ContentRef[] {
  const { contracts, manifest } = run;
  const { tokenizer } = dataset.manifest;
  const named = [manifest.genesisState, manifest.dataset, ...(tokenizer.kind === "json" ? [tokenizer] : [])];
  const checkpoints = follower.history.checkpoints.slice(-keptCheckpoints);
  return [
    refFor(contracts.manifest.digest, contracts.manifest.size),
    ...named.map(({ cid, size }) => refFromCid(cid, size)),
    ...checkpoints.map(({ contentDigest, contentSize }) => refFor(contentDigest, contentSize)),
    ...dataset.inUse(),
  ];
}
