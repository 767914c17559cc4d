import { WeftError } from "../protocol/errors.ts";
import type { BackOff } from "./backOff.ts";
import { type BlockSource, type VerifiedSource, verifyBlock } from "./blocks.ts";
import type { FileBlockstore } from "./blockstore.ts";
import { ContentMissingError } from "./errors.ts";

/** A source of blocks with the name that reports carry. */
export interface NamedSource {
  readonly name: string;
  readonly read: BlockSource;
}

/**
 * Asks sources in order until one hands over the block, verified: what the first lacks, has damaged or holds back, the
 * next may have. One that damages blocks, stalls or cannot be reached is asked last for a while; lacking a block is no fault.
 * @param onFailure told of every source that failed; the reason is a WeftError
 */
export function firstOf(
  sources: readonly NamedSource[],
  backOff: BackOff,
  onFailure: (source: string, reason: WeftError) => void = () => {},
): VerifiedSource {
  return async (cid, options) => {
    const failures: Record<string, string> = {};
    for (const { name, read } of backOff.order(sources)) {
      options.signal.throwIfAborted();
      const askedAt = backOff.now();
      try {
        const bytes = verifyBlock(cid, await read(cid, options));
        backOff.served(name, askedAt);
        return bytes;
      } catch (error) {
        options.signal.throwIfAborted();
        if (!(error instanceof WeftError)) throw error;
        if (error.code !== "CONTENT_MISSING") backOff.failed(name, askedAt);
        failures[name] = error.code;
        onFailure(name, error);
      }
    }
    throw new ContentMissingError("CONTENT_MISSING", `No source has an intact block ${cid}`, {
      data: { cid: cid.toString(), sources: failures },
    });
  };
}

/** Reads from `cache` first and keeps there what had to be fetched. A block that cannot be kept is still handed over. */
export function cachedIn(cache: FileBlockstore, source: VerifiedSource): VerifiedSource {
  return async (cid, options) => {
    try {
      return await cache.get(cid, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof WeftError)) throw error;
    }
    const bytes = await source(cid, options);
    await cache.put(cid, bytes).catch((error) => {
      if (!(error instanceof WeftError)) throw error;
    });
    return bytes;
  };
}
