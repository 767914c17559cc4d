import { type Hash, type PublicClient, type TransactionReceipt, TransactionReceiptNotFoundError } from "viem";
import { WeftError } from "../protocol/errors.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Steps } from "../runtime/steps.ts";
import { type Fees, raiseFees } from "./fees.ts";
import { isKnownTransaction } from "./knownTransaction.ts";
import { callRpc, findCause, rpcError } from "./rpcErrors.ts";
import type { Call, SenderSettings } from "./sender.ts";
import type { PreparedTransaction, SignedTransaction, Signer } from "./signer.ts";
import {
  feeAboveCap,
  insufficientFunds,
  isNonceAhead,
  isNonceInUse,
  nonceTaken,
  stuck,
} from "./transactionErrors.ts";

export interface PendingOptions {
  readonly call: Call;
  readonly gas: bigint;
  readonly nonce: number;
  readonly client: PublicClient;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SenderSettings;
  readonly steps: Steps;
}

/** Gas of a plain transfer, with which a hole in the nonces is filled. */
const TRANSFER_GAS = 21_000n;
/** Blocks without our transaction after which the node is asked whether it still has it. */
const LOST_AFTER_BLOCKS = 2n;
/** Looks for our receipt after somebody used our nonce: the node that answers may lag. */
const LOOKS_AFTER_NONCE_USED = 8;

/**
 * One call at one nonce until it is confirmed: broadcast, repeated where the node lost it, replaced by the same call
 * with higher fees where no block takes it. Whichever version is mined counts, and at most one can be.
 */
export class PendingTransaction {
  readonly #options: PendingOptions;
  readonly #hashes: Hash[] = [];
  #fees: Fees | undefined;
  #signed: SignedTransaction | undefined;
  #isBroadcast = false;
  #replacements = 0;
  #looksAfterNonceUsed = 0;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** The confirmed receipt, reverted or not. @throws as `Sender.send` */
  async confirm(signal: AbortSignal): Promise<TransactionReceipt> {
    const { clock, settings } = this.#options;
    await this.#sign(signal);
    let sentAt = await this.#head(signal);
    let lookedAt = sentAt;
    let lastAnswer = clock.now();
    for (;;) {
      try {
        if (!this.#isBroadcast) await this.#broadcast();
        const receipt = await this.#receipt(signal);
        if (receipt !== undefined && (await this.#isConfirmed(receipt, signal))) return receipt;
        if (receipt === undefined) {
          await this.#checkNonce(signal);
          const head = await this.#head(signal);
          if (head >= lookedAt + LOST_AFTER_BLOCKS) {
            await this.#noticeLoss(signal);
            lookedAt = head;
          }
          if (head - sentAt >= BigInt(settings.replaceAfterBlocks)) {
            await this.#replace(signal);
            sentAt = head;
          }
        }
        lastAnswer = clock.now();
      } catch (error) {
        if (!isPassing(error) || clock.now() - lastAnswer > settings.patienceMs) throw error;
      }
      await clock.sleep(settings.pollMs, signal);
    }
  }

  /** A node that restarted or dropped the transaction is given it again, the same one. */
  async #noticeLoss(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const hash = this.#signed?.hash;
    if (hash === undefined || (await isKnownTransaction(client, hash, signal))) return;
    log.warn("the node has lost the transaction, sending it again", { hash });
    this.#isBroadcast = false;
    await this.#fillHoles(signal);
  }

  async #sign(signal: AbortSignal): Promise<void> {
    const { call, gas, nonce, signer, settings } = this.#options;
    const wanted = raiseFees(this.#fees, await this.#marketFees(signal));
    if (wanted.maxFeePerGas > settings.maxFeePerGas) {
      throw feeAboveCap(call.action, wanted.maxFeePerGas, settings.maxFeePerGas, this.#hashes);
    }
    this.#fees = wanted;
    const transaction = { to: call.to, data: call.data, value: call.value ?? 0n, nonce, gas, ...this.#fees };
    this.#signed = await signer.sign(transaction);
    if (this.#signed.hash !== undefined) this.#hashes.push(this.#signed.hash);
    this.#isBroadcast = false;
  }

  /** Hands the newest version to the node. Unknown outcomes count as not done and are repeated. */
  async #broadcast(): Promise<void> {
    const { call, signer, log, steps } = this.#options;
    const signed = this.#signed;
    if (signed === undefined) return;
    try {
      const hash = await steps.take(`${call.action} sent`, () => signed.broadcast());
      if (!this.#hashes.includes(hash)) this.#hashes.push(hash);
      this.#isBroadcast = true;
      log.debug("transaction sent", { hash, replacements: this.#replacements });
    } catch (error) {
      const lacking = insufficientFunds(signer.address, error);
      if (lacking !== undefined) throw lacking;
      if (isNonceInUse(error)) {
        this.#isBroadcast = true; // receipts and, in time, higher fees decide
        return;
      }
      if (isNonceAhead(error)) return; // tried again with every look, until the replacement fills the nonces below
      throw rpcError(error, `send ${call.action}`);
    }
  }

  async #receipt(signal: AbortSignal): Promise<TransactionReceipt | undefined> {
    const { client } = this.#options;
    for (const hash of this.#hashes) {
      const receipt = await callRpc("read a receipt", signal, async () => {
        try {
          return await client.getTransactionReceipt({ hash });
        } catch (error) {
          if (findCause(error, TransactionReceiptNotFoundError) !== undefined) return undefined;
          throw error;
        }
      });
      if (receipt !== undefined) return receipt;
    }
    return undefined;
  }

  async #isConfirmed(receipt: TransactionReceipt, signal: AbortSignal): Promise<boolean> {
    const { settings, client } = this.#options;
    if (settings.confirmations <= 1) return true;
    if ((await this.#head(signal)) - receipt.blockNumber + 1n < BigInt(settings.confirmations)) return false;
    const block = await callRpc("read a block", signal, () =>
      client.getBlock({ blockNumber: receipt.blockNumber }),
    );
    return block.hash === receipt.blockHash;
  }

  /** Notices a nonce used by somebody else, and fills nonces below ours that the node has lost. */
  async #checkNonce(signal: AbortSignal): Promise<void> {
    const { client, signer, nonce, call } = this.#options;
    const mined = await callRpc("read the nonce", signal, () =>
      client.getTransactionCount({ address: signer.address, blockTag: "latest" }),
    );
    if (mined > nonce) {
      this.#looksAfterNonceUsed += 1;
      if (this.#looksAfterNonceUsed < LOOKS_AFTER_NONCE_USED) return;
      throw nonceTaken(signer.address, nonce, call.action, this.#hashes);
    }
    this.#looksAfterNonceUsed = 0;
  }

  async #replace(signal: AbortSignal): Promise<void> {
    const { settings, call, log } = this.#options;
    if (this.#replacements >= settings.maxReplacements) throw stuck(call.action, this.#hashes);
    this.#replacements += 1;
    log.warn("transaction not mined, sending it again with higher fees", {
      replacements: this.#replacements,
    });
    await this.#sign(signal);
    await this.#fillHoles(signal);
  }

  /**
   * Transactions below ours that the node has forgotten would hold ours up for ever. They are filled with empty
   * transfers to ourselves: sending our call at a lower nonce as well could execute it twice.
   */
  async #fillHoles(signal: AbortSignal): Promise<void> {
    const { client, signer, nonce, log } = this.#options;
    const count = (blockTag: "latest" | "pending") =>
      callRpc("read the nonce", signal, () =>
        client.getTransactionCount({ address: signer.address, blockTag }),
      );
    const next = await count("pending");
    if (next >= nonce || this.#fees === undefined || next > (await count("latest"))) return;
    log.warn("filling nonces that the node has lost", { from: next, to: nonce - 1 });
    for (let hole = next; hole < nonce; hole++) {
      const filler: PreparedTransaction = {
        ...this.#fees,
        to: signer.address,
        data: "0x",
        value: 0n,
        nonce: hole,
        gas: TRANSFER_GAS,
      };
      const signed = await signer.sign(filler);
      await callRpc("fill a nonce", signal, () => signed.broadcast());
    }
  }

  async #marketFees(signal: AbortSignal): Promise<Fees> {
    return callRpc("read the fees", signal, () => this.#options.client.estimateFeesPerGas());
  }

  async #head(signal: AbortSignal): Promise<bigint> {
    return callRpc("read the head", signal, () => this.#options.client.getBlockNumber({ cacheTime: 0 }));
  }
}

/** Failures of the RPC, which are waited out; verdicts about the transaction are not. */
function isPassing(error: unknown): boolean {
  return error instanceof WeftError && error.retryable && error.code.startsWith("RPC_");
}
