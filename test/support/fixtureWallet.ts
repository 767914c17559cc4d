import {
  type Abi,
  decodeFunctionData,
  encodeErrorResult,
  encodeFunctionResult,
  type Hex,
  hashTypedData,
  recoverAddress,
  type TypedDataDefinition,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { emissionAbi, errorAbi, stakeManagerAbi, weftTokenAbi } from "../../workers/chain/generated/abi.ts";
import { addresses, clock, status } from "./fixtureRun.ts";

/** What a wallet throws: an EIP-1193 error. */
export interface WalletRefusal {
  readonly code: number;
  readonly message: string;
  readonly data?: Hex;
}

/** What an injected provider asks of the wallet behind it. */
export interface PageWallet {
  request(method: string, params: readonly unknown[]): Promise<WalletAnswer>;
}

export type WalletAnswer = { readonly result: unknown } | { readonly error: WalletRefusal };

const tokenName = "Weft";
const wei = 10n ** 18n;
const hash = (number: number): Hex => `0x${number.toString(16).padStart(64, "0")}`;

/** A wallet with an account, and the few contracts it talks to, in memory. Pools hold one share per wei. */
export class FixtureWallet implements PageWallet {
  readonly account = privateKeyToAccount(generatePrivateKey());
  chainId = status().chainId;
  knowsChain = true;
  /** Refuses signatures and transactions, as its owner would. */
  rejects = false;
  tokens = 1000n * wei;
  staked = 0n;
  unclaimed = 70n * wei;
  unbonding: { assets: bigint; releaseAt: bigint }[] = [];
  /** Unix seconds. */
  time = BigInt(clock.genesis + 960);
  /** What the next call to the stake manager is refused with. */
  revert: Hex | undefined;
  /** Names of contract functions called by transactions, innermost. */
  readonly sent: string[] = [];
  /** Signers recovered from permits. */
  readonly permits: string[] = [];
  #transactions = 0;

  /** Answers a request as an injected provider would. */
  async request(method: string, params: readonly unknown[]): Promise<WalletAnswer> {
    try {
      return { result: await this.#result(method, params) };
    } catch (error) {
      if (isRefusal(error)) return { error };
      throw error;
    }
  }

  async #result(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case "eth_requestAccounts":
      case "eth_accounts":
        return [this.account.address];
      case "eth_chainId":
        return `0x${this.chainId.toString(16)}`;
      case "wallet_switchEthereumChain":
        if (!this.knowsChain) throw refusal(4902, "Unrecognized chain ID.");
        this.chainId = Number((params[0] as { chainId: Hex }).chainId);
        return null;
      case "eth_getCode":
        return "0x";
      case "eth_blockNumber":
        return `0x${(1000 + this.#transactions).toString(16)}`;
      case "eth_getBlockByNumber":
        return { number: "0x3e8", timestamp: `0x${this.time.toString(16)}`, transactions: [] };
      case "eth_call":
        return this.#call(params[0] as Call, false);
      case "eth_signTypedData_v4":
        return this.#sign(JSON.parse(String(params[1])));
      case "eth_sendTransaction":
        if (this.rejects) throw refusal(4001, "User rejected the request.");
        this.#call(params[0] as Call, true);
        return hash(++this.#transactions);
      case "eth_getTransactionByHash":
        return {
          hash: params[0],
          blockNumber: "0x3e9",
          from: this.account.address,
          nonce: "0x0",
          input: "0x",
        };
      case "eth_getTransactionReceipt":
        return { transactionHash: params[0], blockNumber: "0x3e9", status: "0x1", logs: [], type: "0x2" };
      default:
        throw refusal(4200, `${method} is not supported`);
    }
  }

  async #sign(typed: TypedDataDefinition): Promise<Hex> {
    if (this.rejects) throw refusal(4001, "User rejected the request.");
    const signature = await this.account.signTypedData(typed);
    this.permits.push(await recoverAddress({ hash: hashTypedData(typed), signature }));
    return signature;
  }

  #call({ to, data }: Call, lasting: boolean): Hex {
    if (to.toLowerCase() === addresses.token) return this.#token(data);
    if (to.toLowerCase() === addresses.emission) return this.#emission(data, lasting);
    if (to.toLowerCase() === addresses.stakeManager) return this.#pool(data, lasting);
    throw refusal(3, "execution reverted");
  }

  #token(data: Hex): Hex {
    const { functionName } = decodeFunctionData({ abi: weftTokenAbi, data });
    const values: Readonly<Record<string, unknown>> = {
      balanceOf: this.tokens,
      allowance: 0n,
      nonces: 0n,
      eip712Domain: ["0x0f", tokenName, "1", BigInt(this.chainId), addresses.token, hash(0), []],
    };
    return encodeFunctionResult({ abi: weftTokenAbi as Abi, functionName, result: values[functionName] });
  }

  #emission(data: Hex, lasting: boolean): Hex {
    const { functionName, args } = decodeFunctionData({ abi: emissionAbi, data });
    if (functionName === "earned") {
      return encodeFunctionResult({
        abi: emissionAbi,
        functionName,
        result: [100n * wei, 100n * wei - this.unclaimed],
      });
    }
    if (functionName !== "claim") throw refusal(3, "execution reverted");
    if (this.unclaimed === 0n) throw reverted("NothingToClaim", [args[0]]);
    const amount = this.unclaimed;
    if (lasting) this.unclaimed = 0n;
    if (lasting) this.sent.push(functionName);
    return encodeFunctionResult({ abi: emissionAbi, functionName, result: amount });
  }

  #pool(data: Hex, lasting: boolean): Hex {
    if (this.revert !== undefined && lasting === false && isWrite(data)) {
      const given = this.revert;
      this.revert = undefined;
      throw refusal(3, "execution reverted", given);
    }
    const { functionName, args } = decodeFunctionData({ abi: stakeManagerAbi, data });
    const answer = (result: unknown) =>
      encodeFunctionResult({ abi: stakeManagerAbi as Abi, functionName, result });
    if (lasting) this.sent.push(functionName);
    switch (functionName) {
      case "multicall":
        return answer(args[0].map((inner) => this.#pool(inner, lasting)));
      case "selfPermit":
        return "0x";
      case "previewStake":
        return answer(args[1]);
      case "assetsOf":
      case "shares":
        return answer(this.staked);
      case "unbonding":
        return answer(this.unbonding);
      case "takeBpsOf":
        return answer(1800n);
      case "unbondingEpochs":
        return answer(2n);
      case "stake":
        if (lasting) this.#move(args[1]);
        return answer(args[1]);
      case "unstake":
        if (lasting) {
          this.staked -= args[1];
          this.unbonding = [...this.unbonding, { assets: args[1], releaseAt: this.time + 200n }];
        }
        return answer(args[1]);
      case "withdraw":
        return answer(this.#withdraw(lasting));
      default:
        throw refusal(3, "execution reverted");
    }
  }

  #move(assets: bigint): void {
    this.tokens -= assets;
    this.staked += assets;
  }

  #withdraw(lasting: boolean): bigint {
    const due = this.unbonding.filter(({ releaseAt }) => releaseAt <= this.time);
    if (due.length === 0) throw reverted("NothingMatured", [this.unbonding[0]?.releaseAt ?? 0n]);
    const assets = due.reduce((sum, entry) => sum + entry.assets, 0n);
    if (!lasting) return assets;
    this.unbonding = this.unbonding.filter(({ releaseAt }) => releaseAt > this.time);
    this.tokens += assets;
    return assets;
  }
}

interface Call {
  readonly to: string;
  readonly data: Hex;
}

/** The revert data of a custom error. */
export function revertOf(errorName: string, args: readonly unknown[]): Hex {
  return encodeErrorResult({ abi: errorAbi as Abi, errorName, args: [...args] });
}

/**
 * Runs in a page before its own scripts: announces a wallet (EIP-6963) whose requests go to the page's function
 * `fixtureWalletRequest`.
 */
export function announceFixtureWallet(name: string): void {
  const ask = (globalThis as unknown as { fixtureWalletRequest: (text: string) => Promise<WalletAnswer> })
    .fixtureWalletRequest;
  const provider = {
    async request({ method, params = [] }: { method: string; params?: readonly unknown[] }) {
      const answer = await ask(JSON.stringify({ method, params }));
      if ("error" in answer) throw Object.assign(new Error(answer.error.message), answer.error);
      return answer.result;
    },
    on() {},
    removeListener() {},
  };
  const info = { uuid: "6b1c7f0e-0000-4000-8000-000000000001", name, icon: "", rdns: "example.fixture" };
  const announce = () => {
    const event = new Event("eip6963:announceProvider");
    dispatchEvent(Object.assign(event, { detail: Object.freeze({ info, provider }) }));
  };
  addEventListener("eip6963:requestProvider", announce);
  announce();
}

/** `dispatchEvent` and `addEventListener` of a page's window. */
declare function dispatchEvent(event: Event): boolean;
declare function addEventListener(type: string, listener: () => void): void;

function isWrite(data: Hex): boolean {
  const { functionName } = decodeFunctionData({ abi: stakeManagerAbi, data });
  return ["multicall", "stake", "unstake", "withdraw"].includes(functionName);
}

function reverted(errorName: string, args: readonly unknown[]): WalletRefusal {
  return refusal(3, "execution reverted", revertOf(errorName, args));
}

function refusal(code: number, message: string, data?: Hex): WalletRefusal {
  return { code, message, data };
}

function isRefusal(error: unknown): error is WalletRefusal {
  return typeof error === "object" && error !== null && !(error instanceof Error) && "code" in error;
}
