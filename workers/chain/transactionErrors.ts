import { type Address, type Hash, NonceTooHighError, NonceTooLowError } from "viem";
import { FatalError, RetryableError } from "../protocol/errors.ts";
import { findCause } from "./rpcErrors.ts";

/** The typed error where the account cannot pay for gas and value; undefined for any other error. */
export function insufficientFunds(address: Address, error: unknown): FatalError | undefined {
  if (!says(error, /insufficient funds|enough funds|insufficient balance for/i)) return undefined;
  return new FatalError("INSUFFICIENT_FUNDS", `${address} cannot pay for gas`, {
    cause: error,
    data: { address },
    hint: `Send it some of the chain's coin, e.g.: npx hardhat fund --to ${address} (see --help).`,
  });
}

/** The typed error of a transaction that no block takes. */
export function stuck(action: string, hashes: readonly Hash[]): RetryableError {
  return new RetryableError("TRANSACTION_STUCK", `${action} was sent and is in no block`, {
    data: { action, hashes },
    hint: "The chain is congested or stands still. It may still be mined later.",
  });
}

/** The typed error where the chain asks more for gas than the sender may pay, wei per gas. */
export function feeAboveCap(
  action: string,
  fee: bigint,
  cap: bigint,
  hashes: readonly Hash[],
): RetryableError {
  return new RetryableError("FEE_ABOVE_CAP", `${action} would cost ${fee} wei per gas, more than ${cap}`, {
    data: { action, fee, cap, hashes },
    hint: "Gas is dear for now. What was sent before may still be mined later; --max-fee raises the cap.",
  });
}

/** The typed error where another transaction of the key was mined at our nonce. */
export function nonceTaken(
  address: Address,
  nonce: number,
  action: string,
  hashes: readonly Hash[],
): RetryableError {
  return new RetryableError("NONCE_TAKEN", `another transaction of ${address} took nonce ${nonce}`, {
    data: { action, nonce, hashes },
    hint: "Two programs send with this key. Stop one of them.",
  });
}

/** Whether the node has our nonce already: this very transaction, another version of it, or somebody else's. */
export function isNonceInUse(error: unknown): boolean {
  if (findCause(error, NonceTooLowError) !== undefined) return true;
  return says(
    error,
    /nonce too low|already known|known transaction|already imported|already exists|underpriced|existing transaction/i,
  );
}

/** Whether the node takes no transaction of this nonce before those below it are there. */
export function isNonceAhead(error: unknown): boolean {
  return findCause(error, NonceTooHighError) !== undefined || says(error, /nonce too high/i);
}

function says(error: unknown, words: RegExp): boolean {
  return error instanceof Error && words.test(error.message);
}
