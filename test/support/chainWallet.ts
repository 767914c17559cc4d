import { createPublicClient, createWalletClient, type Hex, http, RpcRequestError } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { PageWallet, WalletAnswer } from "./fixtureWallet.ts";

/** A wallet of a page whose key stays here: signs for it, and asks a chain whatever else is asked. */
export class ChainWallet implements PageWallet {
  readonly account: PrivateKeyAccount;
  /** Refuses signatures and transactions, as its owner would. */
  rejects = false;
  /** The chain it says it is on; the real one where undefined. */
  chainId: number | undefined;
  readonly #client;
  readonly #wallet;

  constructor(account: PrivateKeyAccount, rpcUrl: string) {
    this.account = account;
    const transport = http(rpcUrl, { retryCount: 0 });
    this.#client = createPublicClient({ transport, cacheTime: 0 });
    this.#wallet = createWalletClient({ transport, account });
  }

  async request(method: string, params: readonly unknown[]): Promise<WalletAnswer> {
    try {
      return { result: await this.#result(method, params) };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return { error: refusal };
    }
  }

  async #result(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [this.account.address];
      case "eth_chainId":
        if (this.chainId !== undefined) return `0x${this.chainId.toString(16)}`;
        break;
      case "wallet_switchEthereumChain":
        this.chainId = undefined;
        return null;
      case "eth_signTypedData_v4":
        this.#ask();
        return this.account.signTypedData(JSON.parse(String(params[1])));
      case "eth_sendTransaction": {
        this.#ask();
        const { to, data } = params[0] as { to: Hex; data: Hex };
        return this.#wallet.sendTransaction({ to, data, chain: null });
      }
    }
    return this.#client.request({ method, params: [...params] } as never);
  }

  #ask(): void {
    if (this.rejects) throw { code: 4001, message: "User rejected the request." };
  }
}

function refusalOf(error: unknown): { code: number; message: string; data?: Hex } | undefined {
  for (let cause: unknown = error; cause !== undefined && cause !== null; ) {
    if (cause instanceof RpcRequestError)
      return { code: cause.code, message: cause.details, data: cause.data as Hex | undefined };
    if (!(cause instanceof Error))
      return typeof cause === "object" && "code" in cause
        ? (cause as { code: number; message: string })
        : undefined;
    cause = cause.cause;
  }
  return undefined;
}
