import type { CID } from "multiformats/cid";
import type { Clock } from "../runtime/clock.ts";
import type { BlockSource } from "./blocks.ts";
import { ContentError, ContentMissingError, StoreError } from "./errors.ts";

/** The network, as the platform's `fetch` offers it; injected, so that tests and purity have their way. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export interface HttpBlockOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Milliseconds without a byte after which a source counts as stalled. */
  readonly stallMs: number;
  /** Milliseconds after which a block that still arrives, byte by byte, is given up. */
  readonly blockMs: number;
}

/** Statuses by which a gateway says that it has no such block. A daemon answers 404 when it has no such command. */
const gatewayMissing: readonly number[] = [404, 410];

/**
 * Blocks of an HTTP trustless gateway: `GET /ipfs/{cid}?format=raw`.
 * Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
 */
export function gatewayBlocks(gateway: URL, options: HttpBlockOptions): BlockSource {
  return (cid, limits) => {
    const url = new URL(`ipfs/${cid}?format=raw`, withSlash(gateway));
    const request = { headers: { accept: "application/vnd.ipld.raw" }, redirect: "error" } as const;
    return fetchBlock(cid, url, request, limits, options, gatewayMissing);
  };
}

/**
 * Blocks of a Kubo daemon through `POST /api/v0/block/get`, never `cat`, which can end early without an error.
 * @param offline only what the daemon holds itself; otherwise it asks its peers, for as long as the stall limit allows
 */
export function kuboBlocks(api: URL, offline: boolean, options: HttpBlockOptions): BlockSource {
  return (cid, limits) => {
    const url = new URL("api/v0/block/get", withSlash(api));
    url.searchParams.set("arg", cid.toString());
    if (offline) url.searchParams.set("offline", "true");
    return fetchBlock(cid, url, { method: "POST", redirect: "error" }, limits, options, []);
  };
}

function withSlash(base: URL): URL {
  return base.pathname.endsWith("/") ? base : new URL(`${base.pathname}/`, base);
}

async function fetchBlock(
  cid: CID,
  url: URL,
  request: RequestInit,
  limits: { readonly maxBytes: number; readonly signal: AbortSignal },
  options: HttpBlockOptions,
  missing: readonly number[],
): Promise<Uint8Array> {
  const { maxBytes, signal } = limits;
  const watch = new Watch(options, signal);
  try {
    const response = await watch.race(options.fetch(url, { ...request, signal: watch.signal }));
    if (!response.ok) throw await refused(cid, url, response, watch, missing);
    return await readBounded(cid, response, maxBytes, watch);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ContentError || cause instanceof ContentMissingError || cause instanceof StoreError)
      throw cause;
    const { stalled, late } = watch;
    throw new StoreError("STORE_UNAVAILABLE", `${url.origin} ${watch.problem}`, {
      data: { source: url.origin, cid: cid.toString(), stalled, late },
      cause,
    });
  } finally {
    watch.stop();
  }
}

/** Kubo answers 500 for everything; a short text says that the block is not there. */
async function refused(
  cid: CID,
  url: URL,
  response: Response,
  watch: Watch,
  missing: readonly number[],
): Promise<Error> {
  const text = new TextDecoder().decode(
    await readBounded(cid, response, 4096, watch).catch(() => new Uint8Array()),
  );
  const data = { source: url.origin, cid: cid.toString(), status: response.status };
  if (
    missing.includes(response.status) ||
    (response.status === 500 && /not found|could not find/i.test(text))
  )
    return new ContentMissingError("CONTENT_MISSING", `${url.origin} has no block ${cid}`, { data });
  return new StoreError("STORE_UNAVAILABLE", `${url.origin} answers ${response.status}`, { data });
}

/** Reads a body of at most `maxBytes`, whatever its headers promise. */
async function readBounded(
  cid: CID,
  response: Response,
  maxBytes: number,
  watch: Watch,
): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await watch.race(reader.read());
    if (done) break;
    size += value.length;
    if (size > maxBytes) {
      await reader.cancel().catch(() => {}); // the connection is given up either way
      throw new ContentMissingError("BLOCK_CORRUPT", `More than ${maxBytes} bytes were served as ${cid}`, {
        data: { cid: cid.toString(), maxBytes },
      });
    }
    chunks.push(value);
  }
  return chunks.length === 1 ? chunks[0] : new Uint8Array(Buffer.concat(chunks, size));
}

/**
 * Gives up when nothing arrives for a while, and when all of a block takes too long: a connection that is open and
 * silent, or drips, must not hold a round.
 */
class Watch {
  readonly signal: AbortSignal;
  stalled = false;
  late = false;
  readonly #options: HttpBlockOptions;
  readonly #give = new AbortController();
  readonly #deadline: Promise<never>;

  constructor(options: HttpBlockOptions, signal: AbortSignal) {
    this.#options = options;
    this.signal = AbortSignal.any([signal, this.#give.signal]);
    this.#deadline = this.#after(options.blockMs, this.signal, () => {
      this.late = true;
    });
    this.#deadline.catch(() => {}); // heard in `race`, while there is one
  }

  get problem(): string {
    const { stallMs, blockMs } = this.#options;
    if (this.stalled) return `sent nothing for ${stallMs} ms`;
    return this.late ? `took more than ${blockMs} ms for a block` : "cannot be reached";
  }

  /** What `step` gives, unless it takes longer than the limits. */
  async race<T>(step: Promise<T>): Promise<T> {
    const done = new AbortController();
    const alarm = this.#after(this.#options.stallMs, AbortSignal.any([done.signal, this.signal]), () => {
      this.stalled = true;
    });
    try {
      return await Promise.race([step, alarm, this.#deadline]);
    } finally {
      done.abort();
    }
  }

  stop(): void {
    this.#give.abort();
  }

  /** Rejects, and gives the connection up, after `ms`; never settles when called off. */
  #after(ms: number, callOff: AbortSignal, note: () => void): Promise<never> {
    return this.#options.clock.sleep(ms, callOff).then(
      () => {
        note();
        const reason = new Error("too slow");
        this.#give.abort(reason);
        throw reason;
      },
      () => new Promise<never>(() => {}),
    );
  }
}
