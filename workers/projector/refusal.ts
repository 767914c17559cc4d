import type { WeftError } from "../protocol/errors.ts";
import type { ApiError } from "./api.ts";

/** A request that cannot be answered as asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 503;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(status: Refusal["status"], code: string, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** An error as it is told. */
export function apiError({ code, message, hint }: Refusal | WeftError): ApiError {
  return { code, message, hint: hint ?? null };
}
