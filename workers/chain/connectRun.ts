import {
  type Address,
  createPublicClient,
  getAddress,
  isAddress,
  type PublicClient,
  type Transport,
} from "viem";
import { unpackClock } from "../protocol/clock.ts";
import { FatalError } from "../protocol/errors.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { findDeployBlock } from "./deployBlock.ts";
import type { OpenRpc } from "./endpoint.ts";
import { failover } from "./failover.ts";
import { runRegistryAbi } from "./generated/abi.ts";
import { callRpc } from "./rpcErrors.ts";
import type { RunContracts } from "./run.ts";

export interface ConnectOptions {
  /** An HTTP RPC, or several of one chain with commas between them, the preferred one first; or a transport. */
  readonly rpcUrl?: string;
  readonly transport?: Transport;
  /** Address of the run's `RunRegistry`. */
  readonly registry: string;
  /** The chain that the RPC must be on; any when absent. */
  readonly chainId?: number;
  /** Known deploy block; searched for when absent, which needs a node with old state. */
  readonly deployBlock?: bigint;
  readonly clock?: Clock;
  /** The way to an RPC URL; HTTP unless given. */
  readonly openRpc?: OpenRpc;
  /** Ends all requests of the connection. */
  readonly signal: AbortSignal;
}

/** Time in which viem answers a repeated question from memory; the chain is polled faster than its default. */
const NO_CACHE = 0;

/**
 * Connects to a run: the registry gives all that is needed besides.
 * @throws RetryableError RPC_UNREACHABLE, RPC_LIMIT, RPC_FAILED; FatalError RPC_URL_INVALID, WRONG_CHAIN,
 * ADDRESS_INVALID, NO_CODE, NOT_A_REGISTRY, DEPLOY_BLOCK_UNKNOWN
 */
export async function connectRun(options: ConnectOptions): Promise<RunContracts> {
  const { signal, clock: waits = systemClock, openRpc } = options;
  const transport =
    options.transport ??
    failover({ urls: urlsOf(options.rpcUrl ?? ""), clock: waits, signal, ...(openRpc && { openRpc }) });
  const client = createPublicClient({ transport, cacheTime: NO_CACHE });
  const chainId = await callRpc("read the chain id", signal, () => client.getChainId());
  if (options.chainId !== undefined && chainId !== options.chainId) {
    throw new FatalError("WRONG_CHAIN", `the RPC is on chain ${chainId}, not on ${options.chainId}`, {
      data: { found: chainId, expected: options.chainId },
      hint: "Use the RPC URL of the chain that the run is on.",
    });
  }
  const registry = addressOf(options.registry);
  await requireCode(client, registry, chainId, signal);
  const { contracts, manifest, clock } = await readRegistry(client, registry, signal);
  const deployBlock =
    options.deployBlock ??
    (await findDeployBlock(client, [contracts.metagraph, contracts.stakeManager], signal));
  return {
    chainId,
    addresses: { registry, ...contracts },
    clock,
    manifest: { hash: manifest.hash, digest: manifest.digest, size: Number(manifest.size) },
    deployBlock,
    publicClient: client,
    transport,
  };
}

function urlsOf(list: string): string[] {
  const urls = list.split(",").map((url) => url.trim());
  for (const url of urls) {
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) continue;
    throw new FatalError("RPC_URL_INVALID", `not an HTTP URL: "${url}"`, {
      data: { url },
      hint: "Give one like http://127.0.0.1:8545, or several with commas between them.",
    });
  }
  return urls;
}

function addressOf(text: string): Address {
  if (isAddress(text, { strict: false })) return getAddress(text);
  throw new FatalError("ADDRESS_INVALID", `not an address: "${text}"`, {
    data: { text },
    hint: "Give the address of the run's RunRegistry, 0x and 40 hex digits, as the deployment printed it.",
  });
}

async function requireCode(client: PublicClient, address: Address, chainId: number, signal: AbortSignal) {
  const code = await callRpc("read the registry's code", signal, () => client.getCode({ address }));
  if (code !== undefined && code !== "0x") return;
  throw new FatalError("NO_CODE", `there is no contract at ${address} on chain ${chainId}`, {
    data: { address, chainId },
    hint: "Check the address and the chain. A local node forgets its contracts when it stops: deploy again.",
  });
}

async function readRegistry(client: PublicClient, registry: Address, signal: AbortSignal) {
  const contract = { address: registry, abi: runRegistryAbi } as const;
  try {
    const [contracts, manifest, clock] = await callRpc("read the registry", signal, () =>
      Promise.all([
        client.readContract({ ...contract, functionName: "contracts" }),
        client.readContract({ ...contract, functionName: "manifest" }),
        client.readContract({ ...contract, functionName: "clock" }),
      ]),
    );
    return { contracts, manifest, clock: unpackClock(clock) };
  } catch (cause) {
    signal.throwIfAborted();
    if (
      cause instanceof Error &&
      "code" in cause &&
      cause.code !== "RPC_FAILED" &&
      cause.code !== "CLOCK_INVALID"
    ) {
      throw cause;
    }
    throw new FatalError("NOT_A_REGISTRY", `the contract at ${registry} is no RunRegistry`, {
      cause,
      data: { registry },
      hint: "Give the address of the run's RunRegistry, as the deployment printed it.",
    });
  }
}
