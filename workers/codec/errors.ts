import { FatalError } from "../protocol/errors.ts";

/** Why an update cannot be written (first group) or is not a valid update (second group). */
export type CodecErrorCode =
  | "CODEC_SETTINGS"
  | "CODEC_SHAPE"
  | "CODEC_HEADER"
  | "CODEC_NOT_FINITE"
  | "CODEC_TOO_LARGE"
  | "CODEC_TRUNCATED"
  | "CODEC_MAGIC"
  | "CODEC_VERSION"
  | "CODEC_LENGTH"
  | "CODEC_KEPT"
  | "CODEC_POSITION"
  | "CODEC_SCALE"
  | "CODEC_LEVEL"
  | "CODEC_NOT_CANONICAL";

/** The only error that encoding or decoding an update throws, whatever the bytes. */
export class CodecError extends FatalError {
  constructor(code: CodecErrorCode, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(code, message, { data });
  }
}
