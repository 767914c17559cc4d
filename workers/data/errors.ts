import { type ErrorDetails, FatalError } from "../protocol/errors.ts";

/**
 * A dataset that cannot be used as it is, which nobody but its publisher can change: `BAD_DATASET` (the manifest is
 * malformed), `NO_SUCH_SHARD`, `NO_SUCH_SEQUENCE` (asked beyond its end); and what a publisher is told of his own files:
 * `BAD_JSON_LINE`, `BAD_PARQUET`, `NOT_TEXT`, `NO_TEXT` (nothing is left to publish).
 */
export class DataError extends FatalError {
  constructor(
    code:
      | "BAD_DATASET"
      | "NO_SUCH_SHARD"
      | "NO_SUCH_SEQUENCE"
      | "BAD_JSON_LINE"
      | "BAD_PARQUET"
      | "NOT_TEXT"
      | "NO_TEXT",
    message: string,
    details: ErrorDetails = {},
  ) {
    super(code, message, details);
  }
}
