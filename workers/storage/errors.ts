import { type ErrorDetails, WeftError } from "../protocol/errors.ts";

/** The content cannot be what its reference says, whoever serves it. Asking again elsewhere does not help. */
export type ContentErrorCode =
  /** A digest, CID or size that no canonical content has. */
  | "BAD_REFERENCE"
  /** The reference names more bytes than the caller takes. */
  | "CONTENT_TOO_LARGE"
  /** A block larger than the limit. */
  | "BLOCK_TOO_LARGE"
  /** A block that is not a UnixFS file node, or not decodable at all. */
  | "NOT_UNIXFS"
  /** A codec or hash function other than the two codecs and the one hash in use. */
  | "CID_NOT_ALLOWED"
  | "TOO_DEEP"
  | "TOO_MANY_LINKS"
  | "TOO_MANY_BLOCKS"
  /** Declared and actual sizes disagree. */
  | "SIZE_MISMATCH"
  /** The bytes are there, but the profile would have given them another CID. */
  | "NOT_CANONICAL";

export class ContentError extends WeftError {
  override readonly name = "ContentError";

  constructor(code: ContentErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, false, details);
  }
}

/** A block is not there (`CONTENT_MISSING`), or what was handed over does not hash to its CID (`BLOCK_CORRUPT`). */
export class ContentMissingError extends WeftError {
  override readonly name = "ContentMissingError";

  constructor(code: "CONTENT_MISSING" | "BLOCK_CORRUPT", message: string, details: ErrorDetails = {}) {
    super(code, message, true, details);
  }
}

/**
 * The backend itself fails: `STORE_UNWRITABLE`, `STORE_FULL` and `STORE_OVER_QUOTA` (what is needed exceeds the quota) need a
 * person, `STORE_UNAVAILABLE` may pass.
 */
export class StoreError extends WeftError {
  override readonly name = "StoreError";

  constructor(
    code: "STORE_UNWRITABLE" | "STORE_FULL" | "STORE_OVER_QUOTA" | "STORE_UNAVAILABLE",
    message: string,
    details: ErrorDetails = {},
  ) {
    super(code, message, code === "STORE_UNAVAILABLE", details);
  }
}
