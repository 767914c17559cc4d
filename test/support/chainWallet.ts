import { createWalletClient, type Hex, http, type PrivateKeyAccount, type TypedDataDefinition } from "viem";
import type { WalletAnswer } from "./fixtureWallet.ts";

interface Transaction {
  readonly to: Hex;
  readonly data: Hex;
}

/** A wallet of one account on a chain behind HTTP that says yes to everything. */
export class ChainWallet {
  readonly #account: PrivateKeyAccount;
  readonly #client;

  constructor(account: PrivateKeyAccount, rpcUrl: string) {
    this.#account = account;
    this.#client = createWalletClient({ account, transport: http(rpcUrl) });
  }

  /** Answers a request as an injected provider would. */
  async request(method: string, params: readonly unknown[]): Promise<WalletAnswer> {
    try {
      return { result: await this.#result(method, params) };
    } catch (error) {
      return { error: refusalOf(error) };
    }
  }

  async #result(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [this.#account.address];
      case "eth_signTypedData_v4":
        return this.#account.signTypedData(JSON.parse(String(params[1])) as TypedDataDefinition);
      case "eth_sendTransaction": {
        const { to, data } = params[0] as Transaction;
        return this.#client.sendTransaction({ to, data, chain: null });
      }
      default:
        return this.#client.transport.request({ method, params });
    }
  }
}

/** The error of the node, from under what viem wraps it in. */
function refusalOf(error: unknown) {
  let code = -32603;
  let data: Hex | undefined;
  let message = String(error);
  for (let layer: unknown = error; typeof layer === "object" && layer !== null; ) {
    if ("code" in layer && typeof layer.code === "number") code = layer.code;
    if ("data" in layer && typeof layer.data === "string") data = layer.data as Hex;
    if ("message" in layer) message = String(layer.message);
    layer = "cause" in layer ? layer.cause : undefined;
  }
  return { code, message, data };
}
