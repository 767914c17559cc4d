import {
  type Account,
  type Address,
  type Client,
  createClient,
  custom,
  getAddress,
  type Transport,
} from "viem";
import type { Provider } from "./discovery.ts";
import { WalletError } from "./failure.ts";

/** An account of a wallet, and its way to the chain. */
export interface Connected {
  readonly provider: Provider;
  readonly address: Address;
  readonly chainId: number;
  readonly client: Client<Transport, undefined, Account>;
}

/** What the staking calls need of the run. */
export interface StakeAddresses {
  readonly token: Address;
  readonly stakeManager: Address;
  readonly emission: Address;
}

/**
 * Asks the wallet for an account.
 * @throws WalletError NO_ACCOUNT; what the wallet throws
 */
export async function connect(provider: Provider): Promise<Connected> {
  return connected(provider, await provider.request({ method: "eth_requestAccounts" }));
}

/** The same for accounts that the wallet announces; undefined where it withdrew them all. */
export async function reconnect(provider: Provider): Promise<Connected | undefined> {
  const accounts = await provider.request({ method: "eth_accounts" });
  return Array.isArray(accounts) && accounts.length > 0 ? connected(provider, accounts) : undefined;
}

async function connected(provider: Provider, accounts: unknown): Promise<Connected> {
  const first: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  if (typeof first !== "string") {
    throw new WalletError({
      code: "NO_ACCOUNT",
      message: "The wallet gave no account.",
      hint: "Choose one there.",
    });
  }
  const address = getAddress(first);
  const chainId = Number(await provider.request({ method: "eth_chainId" }));
  const client = createClient({
    account: { address, type: "json-rpc" },
    pollingInterval: 1000,
    transport: custom(
      { request: (args: { method: string; params?: unknown }) => provider.request(args) },
      { retryCount: 0 },
    ),
  });
  return { provider, address, chainId, client };
}

/** Asks the wallet to change to the run's chain. @throws what the wallet throws; 4902 where it does not know it */
export async function switchChain(provider: Provider, chainId: number): Promise<void> {
  const params = [{ chainId: `0x${chainId.toString(16)}` }];
  await provider.request({ method: "wallet_switchEthereumChain", params });
}

/** @throws WalletError NO_ADDRESSES where the projector names none */
export function stakeAddresses(addresses: Readonly<Record<string, string>>): StakeAddresses {
  const { token, stakeManager, emission } = addresses;
  if (token === undefined || stakeManager === undefined || emission === undefined) {
    throw new WalletError({
      code: "NO_ADDRESSES",
      message: "The projector names no contracts to stake with.",
      hint: "Use the projector of the run.",
    });
  }
  return { token: getAddress(token), stakeManager: getAddress(stakeManager), emission: getAddress(emission) };
}
