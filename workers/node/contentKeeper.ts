import type { ContentIndex, IndexedContent } from "../database/contentIndex.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { ContentRef } from "../storage/contentStore.ts";
import { StoreError } from "../storage/errors.ts";
import type { OpenedStore } from "../storage/openStore.ts";
import { chooseRemovals, type HeldContent } from "../storage/retention.ts";
import { storedBlocks } from "../storage/storedBlocks.ts";

export interface ContentKeeperOptions {
  readonly opened: Pick<OpenedStore, "blocks" | "pins">;
  readonly index: ContentIndex;
  /** Names this worker among those that share the folder. */
  readonly owner: string;
  /** Rounds without use after which content goes that nothing needs. */
  readonly keepRounds: number;
  /** Rounds for which content that a worker stored itself is needed: others rely on it, and may challenge it. */
  readonly ownRounds: number;
  /** Bytes that the content may take; undefined for any number. */
  readonly quotaBytes: number | undefined;
  /** CIDs of the data set's shards, and bytes that those fetched may take; undefined for any number. */
  readonly shards: ReadonlySet<string>;
  readonly shardQuotaBytes: number | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What a sweep removed, and the bytes by which each quota is exceeded even then. */
interface Removed {
  readonly removed: readonly IndexedContent[];
  readonly overBytes: number;
  readonly overShardBytes: number;
}

type Contents = IndexedContent & HeldContent;

/** Most contents removed in one sweep: other processes wait meanwhile. The rest goes in the next. */
const mostRemovals = 500;

/** Unpins and removes content by age and quota, the oldest first, and never what a worker of the folder needs. */
export class ContentKeeper {
  readonly #options: ContentKeeperOptions;

  constructor(options: ContentKeeperOptions) {
    this.#options = options;
  }

  /**
   * Removes what has to go in `round`.
   * @param needed by this worker, until it says something else or for `keepRounds`
   * @throws StoreError STORE_OVER_QUOTA when what is needed exceeds the quota; what can go is gone then
   */
  async sweep(round: Round, needed: readonly ContentRef[], signal: AbortSignal): Promise<void> {
    const { opened, index, owner, quotaBytes, shardQuotaBytes, log, metrics } = this.#options;
    index.need(owner, round, needed);
    const usedBytes = (await opened.blocks.usedBytes()) + this.#pinnedBytes();
    const { removed, overBytes, overShardBytes } = index.transaction(() => this.#remove(round, usedBytes));
    for (const { cid } of removed) await this.#unpin(cid, signal);
    const left = usedBytes - bytesIn(removed);
    metrics.record({ type: "store", round, usedBytes: left, removedContents: removed.length, overBytes });
    if (removed.length > 0) log.info("content removed", { round, contents: removed.length, usedBytes: left });
    if (overShardBytes > 0)
      throw new StoreError(
        "STORE_OVER_QUOTA",
        `${overShardBytes} bytes of shards in use are above their quota`,
        {
          data: { round, quotaBytes: shardQuotaBytes, overBytes: overShardBytes },
          hint: "Raise --shard-quota.",
        },
      );
    if (overBytes === 0) return;
    throw new StoreError("STORE_OVER_QUOTA", `${left} bytes of content are needed, ${quotaBytes} allowed`, {
      data: { round, usedBytes: left, quotaBytes, overBytes },
      hint: "Raise --store-quota.",
    });
  }

  /** Blocks go while the index is locked, so that nobody counts on one that is about to go. */
  #remove(round: Round, usedBytes: number): Removed {
    const { opened, index, keepRounds, ownRounds } = this.#options;
    const needed = index.needed(round - keepRounds);
    const contents = index.contents().map((content) => ({
      ...content,
      needed: needed.has(content.cid) || (content.own && round - content.round <= ownRounds),
    }));
    const choice = this.#choose(contents, round, usedBytes);
    const removed = choice.removed.slice(0, mostRemovals);
    if (removed.length === 0) return choice;
    const gone = new Set(removed.map(({ cid }) => cid));
    const staying = new Set([...needed, ...contents.map(({ cid }) => cid).filter((cid) => !gone.has(cid))]);
    const kept = new Set<string>();
    for (const root of staying)
      for (const block of storedBlocks(opened.blocks, root)) kept.add(block.toString());
    for (const { cid } of removed) {
      for (const block of storedBlocks(opened.blocks, cid).reverse())
        if (!kept.has(block.toString())) opened.blocks.removeNow(block);
      index.remove(cid);
    }
    return { ...choice, removed };
  }

  /** Shards by their own quota, then everything by age and the common one. */
  #choose(contents: readonly Contents[], round: Round, usedBytes: number): Removed {
    const { keepRounds, quotaBytes, shards, shardQuotaBytes } = this.#options;
    const held = contents.filter(({ cid, own }) => !own && shards.has(cid));
    const ofShards = chooseRemovals(held, {
      round,
      keepRounds: Number.POSITIVE_INFINITY,
      quotaBytes: shardQuotaBytes,
      usedBytes: bytesIn(held),
    });
    const gone = new Set(ofShards.removed);
    const rest = contents.filter((content) => !gone.has(content));
    const left = usedBytes - bytesIn(ofShards.removed);
    const { removed, overBytes } = chooseRemovals(rest, { round, keepRounds, quotaBytes, usedBytes: left });
    return {
      removed: [...ofShards.removed, ...removed],
      overBytes,
      overShardBytes: ofShards.overBytes,
    };
  }

  /** A daemon holds what was stored beside the folder, which then is a cache of what was fetched. */
  #pinnedBytes(): number {
    const { opened, index } = this.#options;
    if (opened.pins === undefined) return 0;
    return bytesIn(index.contents().filter(({ own }) => own));
  }

  /** Stored again meanwhile, it is pinned again. */
  async #unpin(cid: string, signal: AbortSignal): Promise<void> {
    const { opened, index } = this.#options;
    if (opened.pins === undefined) return;
    await opened.pins.unpin(cid, { signal });
    if (index.has(cid)) await opened.pins.pin(cid, { signal });
  }
}

function bytesIn(contents: readonly { readonly size: number }[]): number {
  return contents.reduce((bytes, { size }) => bytes + size, 0);
}
