import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { DataError } from "./errors.ts";

/** How files become documents. */
export interface SourceOptions {
  /** Field of a JSON line, or column of a Parquet file, that holds the text. */
  readonly field: string;
  readonly signal: AbortSignal;
}

/** A text on its way into a data set. */
export interface SourceDocument {
  /** Where it came from, for messages: file, and line or row. */
  readonly place: string;
  /** UTF-8. */
  readonly text: Uint8Array;
}

/** Longer text files are cut at line ends into documents of about this many bytes, so that no file must fit into memory. */
const PIECE_BYTES = 1 << 20;
/** Longest line of a JSONL file, bytes. */
const MAX_LINE = 64 << 20;
/** Rows of a Parquet file read together. */
const ROWS = 1024;

/**
 * Documents of files and folders, in path order, read as a stream: `.jsonl` a document a line, `.parquet` a document a row,
 * everything else as text. Hidden entries and `node_modules` below a folder are passed over.
 * @throws DataError BAD_JSON_LINE, BAD_PARQUET, NOT_TEXT with the place; what the file system throws
 */
export async function* documentsIn(
  inputs: readonly string[],
  options: SourceOptions,
): AsyncGenerator<SourceDocument, void, undefined> {
  for (const input of inputs) {
    for (const file of await filesIn(input)) {
      options.signal.throwIfAborted();
      const ending = path.extname(file).toLowerCase();
      if (ending === ".jsonl" || ending === ".ndjson") yield* jsonLines(file, options);
      else if (ending === ".parquet") yield* parquetRows(file, options);
      else yield* textPieces(file, options);
    }
  }
}

/** Files below a path in path order, or the path itself. */
export async function filesIn(input: string): Promise<string[]> {
  if (!(await stat(input)).isDirectory()) return [input];
  const entries = await readdir(input, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const below = path.join(input, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(below)));
    else if (entry.isFile()) found.push(below);
  }
  return found;
}

async function* textPieces(file: string, { signal }: SourceOptions): AsyncGenerator<SourceDocument> {
  let rest: Buffer = Buffer.alloc(0);
  let piece = 0;
  const made = (bytes: Buffer): SourceDocument => {
    const place = piece === 0 ? file : `${file}, part ${piece + 1}`;
    if (bytes.includes(0) || !isUtf8(bytes)) {
      throw new DataError("NOT_TEXT", `${place} is not UTF-8 text`, { data: { file, part: piece + 1 } });
    }
    piece += 1;
    return { place, text: bytes };
  };
  for await (const chunk of createReadStream(file, { highWaterMark: PIECE_BYTES, signal })) {
    rest = Buffer.concat([rest, chunk]);
    if (rest.length < PIECE_BYTES) continue;
    const lineEnd = rest.lastIndexOf(0x0a);
    // Without a line end the piece grows; a whole character must end it in any case.
    if (lineEnd < 0 && rest.length < 8 * PIECE_BYTES) continue;
    const end = lineEnd < 0 ? characterEnd(rest) : lineEnd + 1;
    yield made(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  if (rest.length > 0) yield made(rest);
}

/** Index after the last whole character. */
function characterEnd(bytes: Buffer): number {
  let end = bytes.length - 1;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end -= 1;
  return bytes[end] < 0x80 ? end + 1 : Math.max(1, end);
}

async function* jsonLines(file: string, { field, signal }: SourceOptions): AsyncGenerator<SourceDocument> {
  let number = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of linesOf(file, signal)) {
    number += 1;
    const place = `${file}, line ${number}`;
    const bad = (problem: string, cause?: unknown) =>
      new DataError("BAD_JSON_LINE", `${place}: ${problem}`, { data: { file, line: number }, cause });
    if (bytes === undefined) throw bad(`longer than ${MAX_LINE} bytes`);
    let value: unknown;
    try {
      const line = decoder.decode(bytes);
      if (line.trim() === "") continue;
      value = JSON.parse(line);
    } catch (cause) {
      throw bad("not UTF-8 JSON", cause);
    }
    const text = typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
    if (typeof text !== "string") throw bad(`no text in its field "${field}"`);
    yield { place, text: new TextEncoder().encode(text) };
  }
}

/** Lines of a file without their ends; `undefined` in place of one that is too long to be held, and nothing after it. */
async function* linesOf(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array | undefined> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: PIECE_BYTES, signal })) {
    let rest: Buffer = chunk;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]);
      [parts, held] = [[], 0];
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
    held += rest.length;
    if (held > MAX_LINE) return yield undefined;
  }
  if (held > 0) yield Buffer.concat(parts);
}

async function* parquetRows(file: string, { field, signal }: SourceOptions): AsyncGenerator<SourceDocument> {
  const bad = (problem: string, cause?: unknown) =>
    new DataError("BAD_PARQUET", `${file}: ${problem}`, { data: { file, column: field }, cause });
  let buffer: Awaited<ReturnType<typeof asyncBufferFromFile>>;
  let metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>;
  try {
    buffer = await asyncBufferFromFile(file);
    metadata = await parquetMetadataAsync(buffer);
  } catch (cause) {
    throw bad("it cannot be read as Parquet", cause);
  }
  if (!metadata.schema.some(({ name }) => name === field)) throw bad(`no column "${field}"`);
  const count = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < count; rowStart += ROWS) {
    signal.throwIfAborted();
    const rowEnd = Math.min(count, rowStart + ROWS);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({
        file: buffer,
        metadata,
        compressors,
        columns: [field],
        rowStart,
        rowEnd,
      });
    } catch (cause) {
      throw bad(`rows ${rowStart} to ${rowEnd} cannot be read`, cause);
    }
    for (const [index, row] of rows.entries()) {
      const text = row[field];
      if (text === null || text === undefined) continue;
      if (typeof text !== "string") throw bad(`row ${rowStart + index} has no text in column "${field}"`);
      yield { place: `${file}, row ${rowStart + index}`, text: new TextEncoder().encode(text) };
    }
  }
}
