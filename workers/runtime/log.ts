import { type DestinationStream, destination, type Logger, pino } from "pino";
import { WeftError } from "../protocol/errors.ts";

export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: a fixed sentence and fields, so that lines can be counted and filtered. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds `fields` to each of its lines. */
  child(fields: LogFields): Log;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LogOptions {
  /** Who writes, e.g. "miner". */
  readonly name: string;
  readonly level?: LogLevel;
  /** File to append to; standard error when absent. */
  readonly path?: string;
  /** Instead of a file: any stream of lines. */
  readonly stream?: DestinationStream;
}

/** Names that no line may carry in the clear, wherever they stand. */
const SECRETS: ReadonlySet<string> = new Set(["privateKey", "mnemonic", "password", "secret", "salt"]);
const HIDDEN = "[hidden]";
const MAX_DEPTH = 5;

/** Opens a log of JSON lines. Secrets are hidden by field name; bigints become decimal strings, bytes their length. */
export function openLog(options: LogOptions): Log {
  const stream =
    options.stream ??
    destination(options.path === undefined ? 2 : { dest: options.path, mkdir: true, sync: true });
  const level = options.level ?? "info";
  return wrap(pino({ name: options.name, level, base: undefined, timestamp: isoTime }, stream));
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};

function isoTime(): string {
  return `,"time":"${new Date(Date.now()).toISOString()}"`;
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(plainFields(fields), message),
    info: (message, fields) => logger.info(plainFields(fields), message),
    warn: (message, fields) => logger.warn(plainFields(fields), message),
    error: (message, fields) => logger.error(plainFields(fields), message),
    child: (fields) => wrap(logger.child(plainFields(fields))),
  };
}

function plainFields(fields: LogFields = {}, depth = 0): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    SECRETS.has(name) ? HIDDEN : plain(value, depth),
  ]);
  return Object.fromEntries(entries);
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return withoutPaths(value);
  if (value === null || typeof value !== "object") return typeof value === "function" ? undefined : value;
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Error) return plainError(value, depth);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, depth + 1));
  return plainFields(Object.fromEntries(Object.entries(value)), depth + 1);
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  if (!(error instanceof WeftError)) return { message: withoutPaths(error.message) };
  const { code, message, retryable, data, cause } = error;
  return {
    code,
    message: withoutPaths(message),
    retryable,
    data: plain(data, depth + 1),
    ...(cause === undefined ? {} : { cause: plain(cause, depth + 1) }),
  };
}

/** Network addresses cut down to their host: those of RPC providers carry keys in path, query or user. */
function withoutPaths(text: string): string {
  const address = /\b(https?|wss?):\/\/(?:[^\s/@"']*@)?([^\s/?#"']+)([/?#][^\s"']*)?/gi;
  return text.replace(address, (_, scheme: string, host: string, rest: string | undefined) => {
    return `${scheme}://${host}${rest === undefined ? "" : "/…"}`;
  });
}
