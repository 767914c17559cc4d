import { type Hex, http, type Transport } from "viem";
import { isUnavailable } from "./rpcErrors.ts";

/** What tells one chain from another. `genesis` is the hash of block 0, undefined where the node does not say. */
export interface ChainIdentity {
  readonly chainId: Hex;
  readonly genesis: Hex | undefined;
}

const HTTP = { retryCount: 0, timeout: 15_000, batch: { batchSize: 64, wait: 0 } } as const;

/** The way to the RPC of one URL, which asks once; `signal` ends what is asked. */
export type OpenRpc = (url: string, signal: AbortSignal) => Transport;

/** JSON-RPC over HTTP. */
export const openHttpRpc: OpenRpc = (url, signal) => http(url, { ...HTTP, fetchOptions: { signal } });

/** One RPC URL, and how it behaved. */
export class Endpoint {
  readonly host: string;
  readonly request: (request: { readonly method: string; readonly params?: unknown }) => Promise<unknown>;
  /** Answered, and is on the right chain. */
  isReady = false;
  /** Is on another chain. */
  isForeign = false;
  isBeingChecked = false;
  /** In a row. */
  failures = 0;
  /** What the last of them was. */
  lastFailure: unknown;
  /** Milliseconds on the clock's scale. */
  restsUntil = Number.NEGATIVE_INFINITY;

  constructor(url: string, signal: AbortSignal, openRpc = openHttpRpc) {
    // The path may hold a provider's key.
    this.host = new URL(url).host;
    this.request = openRpc(url, signal)({}).request;
  }

  /** @throws what the endpoint answers */
  async identify(): Promise<ChainIdentity> {
    const [chainId, genesis] = await Promise.all([
      this.request({ method: "eth_chainId" }),
      this.request({ method: "eth_getBlockByNumber", params: ["0x0", false] }).catch((error: unknown) => {
        if (isUnavailable(error)) throw error;
        return null;
      }),
    ]);
    return { chainId: String(chainId).toLowerCase() as Hex, genesis: hashOf(genesis) };
  }
}

function hashOf(block: unknown): Hex | undefined {
  if (typeof block !== "object" || block === null || !("hash" in block)) return undefined;
  return typeof block.hash === "string" && block.hash.startsWith("0x") ? (block.hash as Hex) : undefined;
}
