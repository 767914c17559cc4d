import type { Address, Hash, Hex, PublicClient, TransactionReceipt } from "viem";
import { RetryableError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Log, silentLog } from "../runtime/log.ts";
import { type Metrics, noMetrics } from "../runtime/metrics.ts";
import { plainSteps, type Steps } from "../runtime/steps.ts";
import { abortable } from "./abortable.ts";
import { contractRevert } from "./contractRevert.ts";
import { isKnownTransaction } from "./knownTransaction.ts";
import { PendingTransaction } from "./pendingTransaction.ts";
import { callRpc, isRevert } from "./rpcErrors.ts";
import type { Signer } from "./signer.ts";
import { insufficientFunds } from "./transactionErrors.ts";

/** A contract call to be sent. */
export interface Call {
  /** Name for messages and gas reports, e.g. "commitUpdate". */
  readonly action: string;
  readonly to: Address;
  readonly data: Hex;
  /** Wei of the chain's own coin; none when absent. */
  readonly value?: bigint;
}

/** A transaction that stands in a block with as many confirmations as asked for, and did not revert. */
export interface Sent {
  readonly hash: Hash;
  readonly gasUsed: bigint;
  readonly blockNumber: bigint;
  /** From the call of `send` to the confirmation, queueing included. */
  readonly waitedSeconds: number;
  readonly logs: TransactionReceipt["logs"];
}

export interface SenderSettings {
  /** Time between two looks for the receipt. */
  readonly pollMs: number;
  /** Blocks after which a transaction that is not mined is sent again with higher fees. */
  readonly replaceAfterBlocks: number;
  /** How often that is done before giving up. */
  readonly maxReplacements: number;
  /** Blocks a transaction must be in and under, its own counted. */
  readonly confirmations: number;
  /** How long the RPC may fail while a transaction is under way. */
  readonly patienceMs: number;
  /** Most gas of one transaction (EIP-7825). */
  readonly maxGas: bigint;
  /** Most that is paid for a unit of gas, wei. */
  readonly maxFeePerGas: bigint;
}

export const defaultSenderSettings: SenderSettings = {
  pollMs: 250,
  replaceAfterBlocks: 5,
  maxReplacements: 8,
  confirmations: 1,
  patienceMs: 60_000,
  maxGas: 16_777_216n,
  maxFeePerGas: 500n * 10n ** 9n,
};

export interface SenderOptions {
  readonly client: PublicClient;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log?: Log;
  readonly metrics?: Metrics;
  readonly settings?: Partial<SenderSettings>;
  readonly steps?: Steps;
}

/** What actions need: sends calls of one key, one after the other. */
export interface Sender {
  readonly address: Address;
  readonly signer: Signer;
  /**
   * Simulates, sends, and waits for the confirmation.
   * @throws ContractRevert when a contract refuses, before or after it was sent; FatalError INSUFFICIENT_FUNDS;
   * RetryableError TRANSACTION_STUCK, TRANSACTION_REVERTED
   * (mined, and nobody says why), FEE_ABOVE_CAP, NONCE_TAKEN, or as `rpcError`; the signal's reason, after which a transaction
   * already sent may still be mined
   */
  send(call: Call, signal: AbortSignal): Promise<Sent>;
}

/** The one sender of a key. Two senders of one key would fight over nonces. */
export class TransactionSender implements Sender {
  readonly signer: Signer;
  readonly #client: PublicClient;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #settings: SenderSettings;
  readonly #steps: Steps;
  #tail: Promise<unknown> = Promise.resolve();
  /** Lowest nonce that is certainly unused; the node's own count may lag behind a receipt. */
  #nextNonce = 0;
  /** The last transaction that was confirmed. */
  #last: Pick<Sent, "hash" | "blockNumber"> | undefined;

  constructor(options: SenderOptions) {
    this.signer = options.signer;
    this.#client = options.client;
    this.#clock = options.clock;
    this.#log = (options.log ?? silentLog).child({ sender: options.signer.address });
    this.#metrics = options.metrics ?? noMetrics;
    this.#steps = options.steps ?? plainSteps;
    this.#settings = { ...defaultSenderSettings, ...options.settings };
  }

  get address(): Address {
    return this.signer.address;
  }

  send(call: Call, signal: AbortSignal): Promise<Sent> {
    const started = this.#clock.now();
    const result = this.#tail.then(() => this.#send(call, started, signal));
    this.#tail = result.catch(() => undefined);
    return abortable(result, signal);
  }

  async #send(call: Call, started: number, signal: AbortSignal): Promise<Sent> {
    const gas = await this.#gasLimit(call, signal);
    const nonce = await this.#nonce(signal);
    const pending = new PendingTransaction({
      call,
      gas,
      nonce,
      client: this.#client,
      signer: this.signer,
      clock: this.#clock,
      log: this.#log.child({ action: call.action, nonce }),
      settings: this.#settings,
      steps: this.#steps,
    });
    const confirmed = await pending.confirm(signal);
    const receipt = await this.#steps.take(`${call.action} confirmed`, () => confirmed);
    this.#nextNonce = nonce + 1;
    this.#last = { hash: receipt.transactionHash, blockNumber: receipt.blockNumber };
    const waitedSeconds = (this.#clock.now() - started) / 1000;
    const { action } = call;
    const feeWei = receipt.gasUsed * receipt.effectiveGasPrice;
    this.#metrics.record({ type: "transaction", action, gasUsed: receipt.gasUsed, feeWei, waitedSeconds });
    if (receipt.status === "reverted") throw await this.#revertOf(call, receipt, signal);
    const { transactionHash: hash, gasUsed, blockNumber, logs } = receipt;
    this.#log.debug("transaction confirmed", {
      action,
      hash,
      gasUsed,
      blockNumber,
      waitedSeconds,
    });
    return { hash, gasUsed, blockNumber, waitedSeconds, logs };
  }

  /**
   * Gas that a call would use: it is run against the pending block, whose time is closest to that of the block it would be
   * in. @throws as `Sender.send` before anything is sent
   */
  async estimate(call: Call, signal: AbortSignal): Promise<bigint> {
    const { to, data, value, action } = call;
    const request = { account: this.address, to, data, value, blockTag: "pending" } as const;
    return callRpc(`simulate ${action}`, signal, async () => {
      try {
        return await this.#client.estimateGas(request);
      } catch (error) {
        if (!isRevert(error)) throw insufficientFunds(this.address, error) ?? error;
        const refused = contractRevert(action, error);
        if (refused.errorName !== "") throw refused;
      }
      // A node that does not say why gas cannot be estimated may say why the call fails.
      try {
        await this.#client.call(request);
      } catch (error) {
        throw isRevert(error) ? contractRevert(action, error) : error;
      }
      return await this.#client.estimateGas(request);
    });
  }

  /** Gas limit of a call: the estimate and a quarter, since storage may change until it is in a block. */
  async #gasLimit(call: Call, signal: AbortSignal): Promise<bigint> {
    const gas = await this.estimate(call, signal);
    const withMargin = gas + gas / 4n;
    return withMargin > this.#settings.maxGas && gas <= this.#settings.maxGas
      ? this.#settings.maxGas
      : withMargin;
  }

  /**
   * The node's count, which may lag behind a receipt: then the one after the last confirmed. Unless a reorganisation took
   * that transaction back and the node knows it no more: its nonce is free again, and no later one could be mined.
   */
  async #nonce(signal: AbortSignal): Promise<number> {
    const count = await callRpc("read the nonce", signal, () =>
      this.#client.getTransactionCount({ address: this.address, blockTag: "pending" }),
    );
    if (count < this.#nextNonce && (await this.#lastVanished(signal))) this.#nextNonce = count;
    return Math.max(count, this.#nextNonce);
  }

  async #lastVanished(signal: AbortSignal): Promise<boolean> {
    const last = this.#last;
    if (last === undefined) return false;
    const head = await callRpc("read the head", signal, () => this.#client.getBlockNumber({ cacheTime: 0 }));
    return head >= last.blockNumber && !(await isKnownTransaction(this.#client, last.hash, signal));
  }

  /** Why a mined transaction reverted: the call again on top of the block before, or on top of its own. */
  async #revertOf(call: Call, receipt: TransactionReceipt, signal: AbortSignal): Promise<Error> {
    const { to, data, value } = call;
    const { transactionHash: hash, blockNumber } = receipt;
    for (const number of [blockNumber, blockNumber - 1n]) {
      try {
        await this.#client.call({ account: this.address, to, data, value, blockNumber: number });
      } catch (error) {
        signal.throwIfAborted();
        if (isRevert(error)) return contractRevert(call.action, error);
      }
    }
    return new RetryableError("TRANSACTION_REVERTED", `${call.action} was mined and reverted (${hash})`, {
      data: { action: call.action, hash },
      hint: "The chain changed between sending and mining, the gas ran out, or the RPC does not say why. Try again.",
    });
  }
}
