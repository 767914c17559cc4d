import type { Hex } from "viem";

/** Content as the chain names it. Build one with `refFor`, `refOf` or `refFromCid`; they keep the three consistent. */
export interface ContentRef {
  /** Root CID, version 1, base32: raw up to 1 MiB, dag-pb above. */
  readonly cid: string;
  /** sha2-256 digest of the root block, as contracts store it. */
  readonly digest: Hex;
  /** Bytes of the content (not of its blocks). */
  readonly size: number;
}

export interface ContentOptions {
  readonly signal: AbortSignal;
}

export interface GetOptions extends ContentOptions {
  /** Refuse anything larger before a byte is read. */
  readonly maxBytes: number;
}

/**
 * Where participants put and find content. Every implementation passes `test/support/contentStoreCompliance.ts`.
 * What `get` returns has been verified against the reference down to the last byte, whoever served it.
 */
export interface ContentStore {
  /**
   * Stores `bytes` durably and returns their reference. Idempotent, also when several processes do it at once.
   * @throws StoreError when the backend cannot take it
   */
  put(bytes: Uint8Array, options: ContentOptions): Promise<ContentRef>;

  /**
   * Reads the content of `ref`.
   * @throws ContentMissingError (retryable) when a block is not there, or only a damaged copy of it
   * @throws ContentError (not retryable) when the content cannot be what `ref` says, or exceeds `maxBytes`
   * @throws the signal's reason once `options.signal` aborts
   */
  get(ref: ContentRef, options: GetOptions): Promise<Uint8Array>;

  /** Whether `get` would find every block intact. Reads them; costs about as much as `get`. */
  has(ref: ContentRef, options: ContentOptions): Promise<boolean>;
}
