/** Extra fields of an error: the offending values, and the error it came from. */
export interface ErrorDetails {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** What the reader should do next, one sentence. */
  readonly hint?: string;
}

/**
 * Base of every error this project throws on purpose. `code` is stable and what tests and callers match on;
 * `retryable` says whether the same call may succeed later without anybody changing anything.
 */
export class WeftError extends Error {
  override readonly name: string = "WeftError";
  readonly code: string;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;

  constructor(code: string, message: string, retryable: boolean, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = retryable;
    this.data = details.data ?? {};
    this.hint = details.hint;
  }
}

/** Something only a person can mend: wrong configuration, wrong input, a broken file. Exit code 1. */
export class FatalError extends WeftError {
  override readonly name = "FatalError";

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(code, message, false, details);
  }
}

/** Something that may pass: an unreachable peer, a late answer. Exit code 75 when it ends a worker. */
export class RetryableError extends WeftError {
  override readonly name = "RetryableError";

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(code, message, true, details);
  }
}
