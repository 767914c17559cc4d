import {
  BaseError,
  HttpRequestError,
  InternalRpcError,
  InvalidAddressError,
  InvalidInputRpcError,
  LimitExceededRpcError,
  RpcRequestError,
  TimeoutError,
} from "viem";
import { FatalError, RetryableError, WeftError } from "../protocol/errors.ts";

const EXECUTION_REVERTED = 3;
const TOO_MANY_REQUESTS = 429;

/**
 * The typed error for what a request to the node threw; typed errors pass unchanged. RPC_UNREACHABLE: no answer;
 * RPC_LIMIT: the node refuses for now or for this size; RPC_FAILED: any other refusal, all retryable. ADDRESS_INVALID is fatal.
 */
export function rpcError(cause: unknown, doing: string): WeftError {
  const typed = findCause(cause, WeftError);
  if (typed !== undefined) return typed;
  const details = { cause, data: { doing } };
  const isLimit =
    findCause(cause, LimitExceededRpcError) !== undefined ||
    findCause(cause, HttpRequestError)?.status === TOO_MANY_REQUESTS;
  if (!isLimit && isUnavailable(cause)) {
    return new RetryableError("RPC_UNREACHABLE", `the chain's RPC does not answer (${doing})`, {
      ...details,
      hint: "Check that the node runs and the URL is right. A local one: npx hardhat node, or npm start.",
    });
  }
  if (isLimit) {
    return new RetryableError("RPC_LIMIT", `the chain's RPC refuses for now (${doing})`, {
      ...details,
      hint: "Try again later, or use an RPC with higher limits.",
    });
  }
  if (findCause(cause, InvalidAddressError) !== undefined) {
    const hint = "Give 0x and 40 hex digits; mixed case must match the checksum.";
    return new FatalError("ADDRESS_INVALID", `not an address (${doing})`, { ...details, hint });
  }
  const reason = cause instanceof BaseError ? cause.shortMessage : String(cause);
  return new RetryableError(
    "RPC_FAILED",
    `the chain's RPC failed (${doing}): ${reason.split("\n", 1)[0]}`,
    details,
  );
}

/** Whether there was no answer of a node: none at all, too late, or one of HTTP's errors. */
export function isUnavailable(error: unknown): boolean {
  return findCause(error, HttpRequestError) !== undefined || findCause(error, TimeoutError) !== undefined;
}

/** What `request` gives; what it throws becomes typed. Aborts pass unchanged. */
export async function callRpc<Result>(
  doing: string,
  signal: AbortSignal,
  request: () => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  try {
    return await request();
  } catch (cause) {
    signal.throwIfAborted();
    throw rpcError(cause, doing);
  }
}

/** Whether the node ran the call and it reverted, with or without data. */
export function isRevert(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const reverted = error.walk((cause) => {
    if (!(cause instanceof RpcRequestError)) return false;
    const refused = cause.code === InternalRpcError.code || cause.code === InvalidInputRpcError.code;
    return cause.code === EXECUTION_REVERTED || (refused && /revert/i.test(cause.details));
  });
  return reverted !== null;
}

/** The first error of a class in a chain of causes. */
export function findCause<Kind extends Error>(
  error: unknown,
  kind: abstract new (...args: never[]) => Kind,
): Kind | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof kind) return current;
  }
  return undefined;
}
