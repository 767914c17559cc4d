import type { ContentIndex, IndexedContent } from "../database/contentIndex.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { ContentRef } from "../storage/contentStore.ts";
import { StoreError } from "../storage/errors.ts";
import type { OpenedStore } from "../storage/openStore.ts";
import { chooseRemovals } from "../storage/retention.ts";
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
  readonly log: Log;
  readonly metrics: Metrics;
}

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
    const { opened, index, owner, quotaBytes, log, metrics } = this.#options;
    index.need(owner, round, needed);
    const usedBytes = (await opened.blocks.usedBytes()) + this.#pinnedBytes();
    const { removed, overBytes } = index.transaction(() => this.#remove(round, usedBytes));
    for (const { cid } of removed) await this.#unpin(cid, signal);
    const left = usedBytes - removed.reduce((bytes, { size }) => bytes + size, 0);
    metrics.record({ type: "store", round, usedBytes: left, removedContents: removed.length, overBytes });
    if (removed.length > 0) log.info("content removed", { round, contents: removed.length, usedBytes: left });
    if (overBytes === 0) return;
    throw new StoreError("STORE_OVER_QUOTA", `${left} bytes of content are needed, ${quotaBytes} allowed`, {
      data: { round, usedBytes: left, quotaBytes, overBytes },
      hint: "Raise --store-quota.",
    });
  }

  /** Blocks go while the index is locked, so that nobody counts on one that is about to go. */
  #remove(round: Round, usedBytes: number): { removed: readonly IndexedContent[]; overBytes: number } {
    const { opened, index, keepRounds, ownRounds, quotaBytes } = this.#options;
    const needed = index.needed(round - keepRounds);
    const contents = index.contents().map((content) => ({
      ...content,
      needed: needed.has(content.cid) || (content.own && round - content.round <= ownRounds),
    }));
    const choice = chooseRemovals(contents, { round, keepRounds, quotaBytes, usedBytes });
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
    return { removed, overBytes: choice.overBytes };
  }

  /** A daemon holds what was stored beside the folder, which then is a cache of what was fetched. */
  #pinnedBytes(): number {
    const { opened, index } = this.#options;
    if (opened.pins === undefined) return 0;
    return index.contents().reduce((bytes, { own, size }) => bytes + (own ? size : 0), 0);
  }

  /** Stored again meanwhile, it is pinned again. */
  async #unpin(cid: string, signal: AbortSignal): Promise<void> {
    const { opened, index } = this.#options;
    if (opened.pins === undefined) return;
    await opened.pins.unpin(cid, { signal });
    if (index.has(cid)) await opened.pins.pin(cid, { signal });
  }
}
