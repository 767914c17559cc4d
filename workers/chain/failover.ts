import { custom, HttpRequestError, LimitExceededRpcError, type Transport } from "viem";
import { FatalError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { type ChainIdentity, Endpoint, type OpenRpc, openHttpRpc } from "./endpoint.ts";
import { findCause, isUnavailable } from "./rpcErrors.ts";

export interface FailoverOptions {
  /** HTTP RPCs of one chain, the preferred one first. */
  readonly urls: readonly string[];
  readonly clock: Clock;
  /** Ends all requests. */
  readonly signal: AbortSignal;
  /** HTTP unless given. */
  readonly openRpc?: OpenRpc;
}

/** Passes through all endpoints before a request fails. */
const passes = 5;
/** Rest of an endpoint after its first failure in a row, doubled with each further one. */
const restMs = 200;
/** Longest rest, whatever `Retry-After` asks for. */
const maxRestMs = 60_000;
/** Longest wait of a request between two passes. */
const maxWaitMs = 10_000;

/**
 * A transport over several endpoints of one chain: each request goes to the first that works. One that does not answer, answers
 * late, or refuses for now (429, `Retry-After` obeyed) rests, and is asked for chain id and genesis block before it is
 * used again. One that is on another chain than the first that answered is never used.
 */
export function failover({ urls, clock, signal, openRpc = openHttpRpc }: FailoverOptions): Transport {
  const endpoints = urls.map((url) => new Endpoint(url, signal, openRpc));
  let identity: ChainIdentity | undefined;

  /** @throws what the endpoint answers; FatalError WRONG_CHAIN */
  async function check(endpoint: Endpoint): Promise<void> {
    const found = await endpoint.identify();
    identity ??= found;
    if (isSame(identity, found)) {
      endpoint.isReady = true;
      return;
    }
    endpoint.isForeign = true;
    throw new FatalError(
      "WRONG_CHAIN",
      `the RPC at ${endpoint.host} is on another chain than before or than the others`,
      {
        data: { found, expected: identity },
        hint: "Give RPC URLs of one chain. A local node that was started again is another chain: deploy again.",
      },
    );
  }

  function rest(endpoint: Endpoint, error: unknown): void {
    endpoint.lastFailure = error;
    endpoint.failures += 1;
    endpoint.isReady = false;
    const asked = retryAfterMs(error) ?? restMs * 2 ** Math.min(endpoint.failures - 1, 10);
    endpoint.restsUntil = clock.now() + Math.min(asked, maxRestMs);
  }

  /** Those that may be tried now, the preferred first. One that has rested is checked beside the requests, if others work. */
  function usable(): Endpoint[] {
    const rested = endpoints.filter(({ isForeign, restsUntil }) => !isForeign && restsUntil <= clock.now());
    const ready = rested.filter(({ isReady }) => isReady);
    if (ready.length === 0) return rested;
    for (const endpoint of rested) {
      if (endpoint.isReady || endpoint.isBeingChecked) continue;
      endpoint.isBeingChecked = true;
      check(endpoint)
        .catch((error: unknown) => rest(endpoint, error))
        .finally(() => {
          endpoint.isBeingChecked = false;
        });
    }
    return ready;
  }

  async function ask(request: { readonly method: string; readonly params?: unknown }): Promise<unknown> {
    for (let pass = 0; pass < passes; pass++) {
      const wait = pass === 0 ? 0 : waitMs(endpoints, clock.now());
      if (wait > 0) await clock.sleep(wait, signal);
      for (const endpoint of usable()) {
        try {
          if (!endpoint.isReady) await check(endpoint);
          const answer = await endpoint.request(request);
          endpoint.failures = 0;
          return answer;
        } catch (error) {
          signal.throwIfAborted();
          const isLimit = findCause(error, LimitExceededRpcError) !== undefined;
          // A node that finds a range of logs too long says the same each time.
          if (isLimit && request.method === "eth_getLogs") throw error;
          const isForeign = error instanceof FatalError && endpoints.some((other) => !other.isForeign);
          if (!isForeign && !isLimit && !isUnavailable(error)) throw error;
          rest(endpoint, error);
        }
      }
    }
    // Where all were asked to be left alone for longer than a request waits, none was tried: then why they were.
    const usableLater = endpoints.find(({ isForeign }) => !isForeign);
    if (usableLater !== undefined) throw usableLater.lastFailure;
    throw new FatalError("WRONG_CHAIN", "no RPC URL is on the chain of the first that answered");
  }

  return custom({ request: ask }, { key: "failover", name: "RPC failover", retryCount: 0 });
}

/** Milliseconds until the first endpoint has rested. */
function waitMs(endpoints: readonly Endpoint[], now: number): number {
  const ends = endpoints.filter(({ isForeign }) => !isForeign).map(({ restsUntil }) => restsUntil - now);
  return Math.min(maxWaitMs, Math.max(0, Math.min(...ends)));
}

/** Nodes that keep no old blocks do not know the genesis block: the chain id must do then. */
function isSame(a: ChainIdentity, b: ChainIdentity): boolean {
  const isOneChain = a.genesis === b.genesis || a.genesis === undefined || b.genesis === undefined;
  return a.chainId === b.chainId && isOneChain;
}

/** What an answer's `Retry-After` asks for; undefined without one. Dates are not understood. */
function retryAfterMs(error: unknown): number | undefined {
  const value = findCause(error, HttpRequestError)?.headers?.get("Retry-After");
  return value != null && /^\d+$/.test(value) ? Number(value) * 1000 : undefined;
}
